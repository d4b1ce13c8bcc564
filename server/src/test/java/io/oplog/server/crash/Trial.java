package io.oplog.server.crash;

import io.oplog.protocol.EventId;
import java.io.IOException;
import java.util.SplittableRandom;

/**
 * A server under load that is killed and started again, and what it has promised. One thread runs
 * it. Closing it stops everything.
 */
final class Trial implements AutoCloseable {
  private final ServerProgram program;
  private final SplittableRandom random;
  private final Script script;
  private final Ledger ledger = new Ledger();
  private final LogCheck check;
  private final Load load;
  private final Audience audience;
  private ServerProcess server;

  private Trial(ServerProgram program, ServerProcess server, long seed) throws IOException {
    Access access = Access.to(program.port());
    this.random = new SplittableRandom(seed);
    this.script = new Script(random.nextLong());
    this.program = program;
    this.server = server;
    EventId first = Producer.mark(program.port(), script, ledger);
    History history = new History(script, first, 1);
    this.check = new LogCheck(script, ledger, history);
    this.load =
        Load.overHttp(access, script, ledger, random.split())
            .with(new Datagrams(program.port(), script, ledger, random.split()));
    this.audience = new Audience(access, script, first);
  }

  /** Starts the server on its empty directory, and the load. */
  static Trial begin(ServerProgram program, long seed) throws IOException {
    ServerProcess server = program.start();
    try {
      Trial trial = new Trial(program, server.awaitReady(), seed);
      trial.load.start();
      trial.audience.start();
      return trial;
    } catch (IOException | AssertionError e) {
      server.kill();
      throw e;
    }
  }

  Ledger ledger() {
    return ledger;
  }

  ServerProcess server() {
    return server;
  }

  /** Has large bodies sent as well. */
  void flood() {
    load.start(Producer.bulk(Access.to(program.port()), script, ledger, random.split()));
  }

  void kill() {
    server.kill();
  }

  /** Starts the server again, without waiting for it. */
  ServerProcess start() throws IOException {
    return start(program);
  }

  /** Starts another kind of server in the same place. */
  ServerProcess start(ServerProgram other) throws IOException {
    server = other.start();
    return server;
  }

  /** Fails when something that was acknowledged is missing or anything is wrong. */
  void check() throws IOException {
    check.check(program.port(), program.port());
    load.verify();
    audience.verify();
  }

  /** Reads the whole log once more. */
  void checkAll() throws IOException {
    check();
    check.history().verify(program.port());
  }

  /** Reads the log from its start while nothing can be written. */
  void checkReadable() throws IOException {
    check.history().verify(program.port());
    load.verify();
    audience.verify();
  }

  /** Ends the load, and looks at everything, the consumers included. */
  void finish() throws IOException {
    load.close();
    checkAll();
    audience.finish(program.port(), check.history());
  }

  @Override
  public void close() {
    audience.close();
    load.close();
    server.kill();
  }
}
