package io.oplog.server.config;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much of the log is kept; what is empty does not bound it.
 *
 * @param age operations older than this are dropped
 * @param bytes the oldest operations are dropped beyond this size
 */
public record LogRetention(Optional<Duration> age, OptionalLong bytes) {

  /**
   * Reads an age, a size, both with a comma between, or {@code forever}; each with its unit.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static LogRetention parse(String text) {
    LogRetention retention = new LogRetention(Optional.empty(), OptionalLong.empty());
    if (text.strip().equals("forever")) {
      return retention;
    }
    for (String part : text.split(",", -1)) {
      retention = retention.with(part, text);
    }
    return retention;
  }

  private LogRetention with(String part, String whole) {
    if (Quantities.isDuration(part) && age.isEmpty()) {
      Duration kept = Quantities.duration(part);
      requireSomething(kept.isZero(), whole);
      return new LogRetention(Optional.of(kept), bytes);
    }
    // a bare number is not taken for bytes: 7 is more likely a slip for 7d, and costs the log
    if (Quantities.isSizeWithUnit(part) && bytes.isEmpty()) {
      long kept = Quantities.bytes(part);
      requireSomething(kept == 0, whole);
      return new LogRetention(age, OptionalLong.of(kept));
    }
    throw new IllegalArgumentException("'" + whole + "' is not like 7d,10GB or forever");
  }

  private static void requireSomething(boolean zero, String whole) {
    if (zero) {
      throw new IllegalArgumentException(
          "'" + whole + "' keeps nothing: it must be like 7d,10GB or forever");
    }
  }
}
