package io.oplog.server.http;

import java.util.List;
import java.util.Locale;

/** Whether a client takes a stream of events: the {@code Accept} header as RFC 9110 reads it. */
final class AcceptHeader {

  private AcceptHeader() {}

  /**
   * Whether the lines of the header allow {@code text/event-stream}. The most specific range that
   * names it decides; a header that is absent or empty allows everything.
   */
  static boolean allowsEventStream(List<String> lines) {
    int specificity = -1;
    boolean allowed = false;
    boolean empty = true;
    for (String line : lines) {
      for (String range : line.split(",", -1)) {
        empty &= range.isBlank();
        int found = specificity(range);
        if (found > specificity) {
          specificity = found;
          allowed = weight(range) > 0;
        } else if (found == specificity && found >= 0) {
          allowed |= weight(range) > 0;
        }
      }
    }
    return empty || allowed;
  }

  private static int specificity(String range) {
    int end = range.indexOf(';');
    String type = (end < 0 ? range : range.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return switch (type) {
      case "text/event-stream" -> 2;
      case "text/*" -> 1;
      case "*/*" -> 0;
      default -> -1;
    };
  }

  /** The range's {@code q}; 1 where it has none or one that is no number. */
  private static double weight(String range) {
    for (String parameter : range.split(";", -1)) {
      String stripped = parameter.strip();
      if (stripped.regionMatches(true, 0, "q=", 0, 2)) {
        return number(stripped.substring(2).strip());
      }
    }
    return 1;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return 1;
    }
  }
}
