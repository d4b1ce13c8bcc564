package io.oplog.server.command;

import io.oplog.client.sync.SyncProgress;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.LongFunction;

/** Shows how far a sync or a dump is. Thread-confined. */
final class SyncBar implements SyncProgress {
  /** The clock is looked at after so many. */
  private static final int EVERY = 1024;

  private final ServerAccess server;
  private final ProgressLine line;
  private final LongFunction<OptionalDouble> shareRead;
  private Phase phase = Phase.READING;
  private long started = System.nanoTime();
  private int calls;

  /**
   * Shows nothing yet.
   *
   * @param shareRead the part of the input that ends with a line
   */
  SyncBar(ServerAccess server, LongFunction<OptionalDouble> shareRead) {
    this.server = server;
    this.line = new ProgressLine(server.err());
    this.shareRead = shareRead;
  }

  @Override
  public void reached(Phase now, long done, long of) {
    if (now != phase) {
      phase = now;
      started = System.nanoTime();
    }
    if (now == Phase.SENDING || ++calls % EVERY == 0) {
      showIfDue(done, of, System.nanoTime());
    }
  }

  private void showIfDue(long done, long of, long now) {
    if (!line.isDue(now)) {
      return;
    }
    double seconds = (now - started) / 1e9;
    OptionalDouble share = share(done, of);
    String text =
        String.format(Locale.ROOT, "%s: %,d, %,d a second", word(), done, rate(done, seconds));
    line.show(ProgressLine.bar(share) + text + ProgressLine.left(share, seconds), now);
  }

  private static long rate(long done, double seconds) {
    return Math.round(done / Math.max(seconds, 1e-3));
  }

  private OptionalDouble share(long done, long of) {
    if (phase == Phase.READING) {
      return shareRead.apply(done);
    }
    return of == 0 ? OptionalDouble.empty() : OptionalDouble.of(Math.min(1.0, (double) done / of));
  }

  private String word() {
    return switch (phase) {
      case READING -> "lines read";
      case REPLICATING -> "states read";
      case COMPARING -> "compared";
      case SENDING -> "operations sent";
      case WRITING -> "written";
    };
  }

  @Override
  public void note(String text) {
    line.end();
    server.say(text);
  }

  /** Nothing is shown after it. */
  void end() {
    line.end();
  }
}
