package io.oplog.server;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Time that several steps share: what one has used up is not there for the next. Any thread. */
final class Grace {
  private final LongSupplier nanoTime;
  private final long end;

  /**
   * Begins now.
   *
   * @param nanoTime a clock as {@link System#nanoTime} is
   */
  Grace(Duration length, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.end = nanoTime.getAsLong() + length.toNanos();
  }

  static Grace of(Duration length) {
    return new Grace(length, System::nanoTime);
  }

  /** What is left; zero when it is over. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, end - nanoTime.getAsLong()));
  }

  boolean isOver() {
    return left().isZero();
  }
}
