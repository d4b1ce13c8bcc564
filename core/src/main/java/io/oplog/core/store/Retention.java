package io.oplog.core.store;

import java.time.Duration;

/**
 * How much a store keeps. The newest part of the log is always kept, and so is what the states have
 * not followed yet.
 *
 * @param logAge operations are kept in the log at least this long, unless {@code logBytes} is
 *     passed
 * @param logBytes the log is kept to about this many bytes of frames
 * @param deletesAge tombstones, and records of parents that were left, are kept at least this long,
 *     and always as long as their operation is in the log
 */
public record Retention(Duration logAge, long logBytes, Duration deletesAge) {

  /** A week of log up to 8 GiB, 30 days of deletes. */
  public static final Retention DEFAULTS =
      new Retention(Duration.ofDays(7), 8L << 30, Duration.ofDays(30));

  /** Drops nothing, ever. */
  public static final Retention FOREVER =
      new Retention(Duration.ofDays(365_000), Long.MAX_VALUE, Duration.ofDays(365_000));

  public Retention {
    requireNotNegative("logAge", logAge.toMillis());
    requireNotNegative("logBytes", logBytes);
    requireNotNegative("deletesAge", deletesAge.toMillis());
  }

  private static void requireNotNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must be >= 0: " + value);
    }
  }

  public Retention withLogAge(Duration age) {
    return new Retention(age, logBytes, deletesAge);
  }

  public Retention withLogBytes(long bytes) {
    return new Retention(logAge, bytes, deletesAge);
  }

  public Retention withDeletesAge(Duration age) {
    return new Retention(logAge, logBytes, age);
  }
}
