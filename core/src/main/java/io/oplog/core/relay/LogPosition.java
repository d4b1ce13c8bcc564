package io.oplog.core.relay;

import io.oplog.protocol.EventId;
import java.util.Optional;

/**
 * A position of a log as its sink keeps it.
 *
 * @param id of the last operation that the sink has
 * @param tag of the run that gave it out
 */
record LogPosition(EventId id, String tag) {

  /** Empty when the text is no such position. */
  static Optional<LogPosition> parse(String text) {
    int end = text.indexOf('-');
    if (end < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new LogPosition(EventId.parse(text.substring(0, end)), text.substring(end + 1)));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return id + "-" + tag;
  }
}
