package io.oplog.server.command;

import io.oplog.client.EventStream;
import io.oplog.protocol.Operation;
import io.oplog.protocol.Rfc3339;
import io.oplog.protocol.SseEvent;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;

/** How an event is printed. */
enum LineFormat {
  /** For people: id, kind, time, object, parents. */
  TEXT {
    @Override
    String line(SseEvent raw) throws IOException {
      String start = raw.lastEventId() + " " + raw.type();
      return switch (EventStream.decode(raw)) {
        case StreamEvent.Change change -> start + text(change);
        case StreamEvent.Reset reset -> start + "   " + reset.reason();
        default -> start;
      };
    }
  },

  /** What a producer sends, and the event's id beside it. */
  JSON {
    @Override
    String line(SseEvent raw) {
      String start = "{\"event\":\"" + raw.type() + "\",\"event_id\":\"" + raw.lastEventId() + "\"";
      String rest = raw.data().substring(1);
      return start + (rest.strip().equals("}") ? "" : ",") + rest;
    }
  };

  /**
   * The line, without its end.
   *
   * @throws IOException when the event is not one of ours
   */
  abstract String line(SseEvent raw) throws IOException;

  private static String text(StreamEvent.Change change) {
    Operation operation = change.operation();
    StringBuilder text = new StringBuilder(128);
    text.append("  ").append(Rfc3339.format(operation.timestampMillis()));
    text.append("  ").append(shown(operation.type() + "/" + operation.id()));
    if (!operation.parents().isEmpty()) {
      text.append("  [").append(shown(String.join(", ", operation.parents()))).append(']');
    }
    return change.ref() == null ? text.toString() : text + "  " + shown(change.ref());
  }

  /** Without characters that a terminal would obey. */
  private static String shown(String text) {
    boolean plain = text.codePoints().noneMatch(LineFormat::commands);
    return plain ? text : escaped(text);
  }

  private static boolean commands(int c) {
    return Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          if (commands(c)) {
            escaped.append(String.format("\\u%04x", c));
          } else {
            escaped.appendCodePoint(c);
          }
        });
    return escaped.toString();
  }
}
