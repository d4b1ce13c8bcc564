package io.oplog.client;

import java.time.Duration;

/**
 * A moment by {@link System#nanoTime}, to which one waits.
 *
 * @param nanos when it is; meaningless where it is never
 */
record Deadline(long nanos, boolean isNever) {
  static final Deadline NEVER = new Deadline(0, true);

  /** Half of what there is: differences of any two moments are right. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

  static Deadline after(Duration wait) {
    return new Deadline(System.nanoTime() + nanos(wait), false);
  }

  /** A duration in nanoseconds, however long. */
  static long nanos(Duration wait) {
    return wait.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : wait.toNanos();
  }

  /** How long it is to then; 0 when it is over. */
  long left() {
    return isNever ? Long.MAX_VALUE : Math.max(0, nanos - System.nanoTime());
  }

  boolean isOver() {
    return left() == 0;
  }
}
