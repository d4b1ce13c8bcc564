package io.oplog.server.crash;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of several servers that share a log, with a way of its own to the database. It has one
 * trouble at a time. Thread-safe.
 */
final class Agent implements AutoCloseable {
  /** As long as a stop may take. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ServerProgram program;
  private final TcpProxy database;
  private volatile ServerProcess process;
  private volatile @Nullable Trouble trouble;
  private long until;

  private Agent(ServerProgram program, TcpProxy database, ServerProcess process) {
    this.program = program;
    this.database = database;
    this.process = process;
  }

  /** Starts one on a log, without waiting for it. */
  static Agent start(Path folder, String log) throws IOException {
    TestMongo mongo = TestMongo.shared();
    TcpProxy database = TcpProxy.to(mongo.node());
    ServerProgram program =
        ServerProgram.on(folder).with(Map.of("OPLOG_STORE", mongo.uri(database, log)));
    return new Agent(program, database, program.start());
  }

  int port() {
    return program.port();
  }

  void awaitReady() throws IOException {
    process.awaitReady();
  }

  boolean isWell() {
    return trouble == null;
  }

  /** Lets it have a trouble for a time. One that has just been started may be killed or frozen. */
  synchronized void meet(Trouble next, Duration time) throws IOException {
    if (next.fault() != null || next == Trouble.STOPPED) {
      awaitReady();
    }
    trouble = next;
    until = System.nanoTime() + time.toNanos();
    switch (next) {
      case KILLED -> process.kill();
      case STOPPED -> process.stop();
      case PAUSED, FROZEN, FROZEN_LONG -> process.freeze();
      case CUT -> database.cut();
      case REFUSED -> database.set(Fault.REFUSED);
      case STALLED -> database.set(Fault.STALLED);
      case BLACK_HOLE -> database.set(Fault.BLACK_HOLE);
      case DEAF -> database.set(Fault.DEAF);
    }
  }

  /** Ends its trouble if that has lasted long enough, without waiting for what follows from it. */
  synchronized void healInTime() throws IOException {
    if (trouble != null && System.nanoTime() >= until) {
      heal(trouble);
    }
  }

  /** Lets its trouble last no longer, unless that is about how long it lasts. */
  synchronized void healSoon() {
    if (trouble != Trouble.FROZEN_LONG) {
      until = System.nanoTime();
    }
  }

  private void heal(Trouble over) throws IOException {
    switch (over) {
      case KILLED -> process = program.start();
      case STOPPED -> {
        if (process.isAlive() && System.nanoTime() < until + PATIENCE.toNanos()) {
          return;
        }
        assertThat(process.awaitExit()).as("exit code").isZero();
        process = program.start();
      }
      case PAUSED, FROZEN, FROZEN_LONG -> process.thaw();
      case CUT -> {}
      case REFUSED, STALLED, BLACK_HOLE, DEAF -> database.set(Fault.NONE);
    }
    trouble = null;
  }

  /** What it printed since it was started, but for what it says of garbage. */
  String output() throws IOException {
    String printed =
        process.output().lines().filter(line -> !line.contains("datagram")).collect(joining("\n"));
    return "%d, %s:%n%s".formatted(port(), isWell() ? "well" : trouble, printed);
  }

  @Override
  public void close() throws IOException {
    process.kill();
    database.close();
  }
}
