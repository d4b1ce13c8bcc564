package io.oplog.server.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps what strangers cause from filling the log: so many lines in ten seconds, and no more. Any
 * thread.
 */
public final class LogThrottle {
  private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

  private final int maxLines;
  private final AtomicLong windowStart = new AtomicLong(System.nanoTime());
  private final AtomicInteger lines = new AtomicInteger();

  /** What may be done with a line. */
  public enum Verdict {
    LOG,
    /** The limit was just reached: say so, once. */
    SAY_MORE,
    DROP
  }

  public LogThrottle(int maxLines) {
    this.maxLines = maxLines;
  }

  /** Decides about one line. */
  public Verdict next() {
    roll(System.nanoTime());
    int line = lines.incrementAndGet();
    if (line <= maxLines) {
      return Verdict.LOG;
    }
    return line == maxLines + 1 ? Verdict.SAY_MORE : Verdict.DROP;
  }

  private void roll(long now) {
    long start = windowStart.get();
    if (now - start > WINDOW && windowStart.compareAndSet(start, now)) {
      lines.set(0);
    }
  }
}
