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
   * Reads an age, a size, both with a comma between, or {@code forever}.
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
      return new LogRetention(Optional.of(Quantities.duration(part)), bytes);
    }
    if (!Quantities.isDuration(part) && bytes.isEmpty()) {
      return new LogRetention(age, OptionalLong.of(Quantities.bytes(part)));
    }
    throw new IllegalArgumentException("'" + whole + "' is not like 7d,10GB or forever");
  }
}
