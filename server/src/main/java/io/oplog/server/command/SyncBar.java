package io.oplog.server.command;

import io.oplog.client.sync.SyncProgress;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.function.LongFunction;

/** Shows how far a sync or a dump is. Any thread: the run tells it, and a signal may end it. */
final class SyncBar implements SyncProgress {
  /** The clock is looked at after so many. */
  private static final int EVERY = 1024;

  private final ServerAccess server;
  private final ProgressLine line;
  private LongFunction<OptionalDouble> shareRead = line -> OptionalDouble.empty();
  private Phase phase = Phase.READING;
  private long started = System.nanoTime();
  private long reached;
  private long all;
  private long sent;
  private long repeated;
  private int calls;
  private volatile boolean isStopping;

  /** Shows nothing yet. */
  SyncBar(ServerAccess server) {
    this.server = server;
    this.line = new ProgressLine(server.err());
  }

  /**
   * The input is there.
   *
   * @param share the part of it that ends with a line
   */
  synchronized void reads(LongFunction<OptionalDouble> share) {
    shareRead = share;
  }

  @Override
  public synchronized void reached(Phase now, long done, long of) {
    if (now != phase || done < reached) {
      phase = now;
      started = System.nanoTime();
    }
    reached = done;
    all = of;
    if (isStopping) {
      throw new CancellationException("stopped by a signal");
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
      case WRITING -> "objects written";
    };
  }

  @Override
  public synchronized void stored(int ours, int others) {
    sent += ours;
    repeated += others;
  }

  @Override
  public synchronized void note(String text) {
    line.end();
    server.say(text);
  }

  /** The run ends when it is heard of next. Any thread. */
  void stop() {
    isStopping = true;
  }

  /** Nothing is shown after it. */
  synchronized void end() {
    line.end();
  }

  /** What a sync has done. */
  synchronized String sent() {
    if (sent > 0) {
      return String.format(
          Locale.ROOT, "%,d of %,d operations were sent, run again to go on", sent, all);
    }
    return repeated > 0
        ? String.format(
            Locale.ROOT, "%,d operations of others were sent again, run again to go on", repeated)
        : "nothing was sent";
  }

  /** What a dump has done. */
  synchronized String written() {
    if (phase != Phase.WRITING || reached == 0) {
      return "nothing was written";
    }
    String which = reached < all ? "are not all" : "may not be all";
    return String.format(Locale.ROOT, "%,d objects were written, which %s", reached, which);
  }
}
