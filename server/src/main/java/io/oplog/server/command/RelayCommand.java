package io.oplog.server.command;

import io.oplog.server.config.ListenAddress;
import io.oplog.server.relay.RelayPages;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code oplog relay}. */
@Command(
    name = "relay",
    description = {
      "Passes on every change from one end to the other, in order, and goes on where it was after"
          + " whatever ended it.",
      "The position is kept at the other end, with the changes. Where the source no longer has what"
          + " follows it, the other end is brought in line with everything that exists, by what differs."
    },
    footer = {
      "",
      "Examples:",
      "  oplog relay --from http://main:8042 --to http://mirror:8042      a copy of a log",
      "  oplog relay --from 'mongodb://h1,h2/?replicaSet=rs' --to http://localhost:8042",
      "  oplog relay --from 'mongodb://h1,h2/?replicaSet=rs' --to redis://localhost:6379   for Meteor",
      "  oplog relay --from 'mongodb://h1,h2/?replicaSet=rs' --to redis://a,redis://b   for both",
      "  oplog relay --from http://main:8042 --to - --from-now            changes as lines of JSON"
    })
final class RelayCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofMillis(100);

  @Spec private CommandSpec spec;
  @Mixin private RelayFrom from;
  @Mixin private RelayTo to;
  @Mixin private LogOptions log;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      description =
          "Where the pages for operators are, /healthz, /readyz, /status and /metrics, as in :8043;"
              + " to Redis, /denylist too. By default nowhere.")
  private @Nullable ListenAddress listen;

  /** Why standard output takes no more. */
  private final AtomicReference<@Nullable IOException> broken = new AtomicReference<>();

  @Override
  public Integer call() throws Exception {
    log.apply();
    Thread.setDefaultUncaughtExceptionHandler(ServerRun::died);
    try (StopSignal stop = new StopSignal();
        Relays relays = to.open(from, broken::set)) {
      Thread main = Thread.currentThread();
      stop.onSignal(main::interrupt); // it may wait for an end
      runUntil(stop, relays);
    }
    return ended();
  }

  private void runUntil(StopSignal stop, Relays relays) throws Exception {
    try {
      run(relays, stop);
    } catch (InterruptedException e) {
      if (!stop.isSignalled()) {
        throw e;
      }
    }
    stop.exitWith(ExitCode.OK);
  }

  private void run(Relays relays, StopSignal stop) throws Exception {
    relays.check(why -> say(TerminalText.plain(why + "; it is waited for")));
    try (RelayPages pages = pages(relays)) {
      say(
          from.shown()
              + " to "
              + to.shown()
              + (pages == null ? "" : "; listening on " + address(pages.address())));
      relays.start();
      watch(relays, stop);
    }
  }

  private @Nullable RelayPages pages(Relays relays) throws CommandFailure {
    ListenAddress where = listen;
    if (where == null) {
      return null;
    }
    InetSocketAddress address =
        where.host().isEmpty()
            ? new InetSocketAddress(where.port())
            : new InetSocketAddress(where.host(), where.port());
    try {
      return RelayPages.listen(address, Version.text(), relays.tellers(), relays.denied());
    } catch (IOException e) {
      throw ListenFailure.of(where, e);
    }
  }

  private static String address(InetSocketAddress bound) {
    return new ListenAddress(bound.getAddress().getHostAddress(), bound.getPort()).toString();
  }

  private void watch(Relays relays, StopSignal stop) throws InterruptedException {
    RelayBar bar = new RelayBar(spec.commandLine().getErr());
    boolean isWatched = Terminal.isStandardError();
    while (!stop.isSignalled() && broken.get() == null) {
      if (isWatched) {
        bar.show(relays.stats(), System.nanoTime());
      }
      Thread.sleep(LOOK);
    }
    bar.end();
  }

  /** Whoever reads the output may have enough. */
  private int ended() throws IOException {
    IOException cause = broken.get();
    if (cause != null && !String.valueOf(cause.getMessage()).contains("Broken pipe")) {
      throw new IOException("cannot write the output: " + cause.getMessage(), cause);
    }
    return ExitCode.OK;
  }

  private void say(String text) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("oplog: " + text);
    err.flush();
  }
}
