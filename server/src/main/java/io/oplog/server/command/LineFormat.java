package io.oplog.server.command;

import io.oplog.protocol.Operation;
import io.oplog.protocol.Rfc3339;
import io.oplog.protocol.SseEvent;
import io.oplog.protocol.StreamEvent;
import java.util.Set;

/** How an event is printed. */
enum LineFormat {
  /** For people: id, kind, time, object, parents. */
  TEXT {
    @Override
    String line(SseEvent raw) {
      String start = raw.lastEventId() + " " + raw.type();
      return switch (StreamEvent.decode(raw)) {
        case StreamEvent.Change change -> start + text(change);
        case StreamEvent.Reset reset -> start + "   " + TerminalText.plain(reset.reason());
        default -> start;
      };
    }
  },

  /** What a producer sends, and the event's id beside it. */
  JSON {
    @Override
    String line(SseEvent raw) {
      StreamEvent.decode(raw);
      JsonObject.require(raw.data(), OWN_KEYS);
      String start = "{\"event\":\"" + raw.type() + "\",\"event_id\":\"" + raw.lastEventId() + "\"";
      // several lines of data are joined by LF, which JSON has between tokens alone
      String rest = raw.data().strip().substring(1).replace('\n', ' ');
      return start + (rest.strip().equals("}") ? "" : ",") + TerminalText.json(rest);
    }
  };

  private static final Set<String> OWN_KEYS = Set.of("event", "event_id");

  /**
   * The line, without its end.
   *
   * @throws IllegalArgumentException when the event is not one of ours
   */
  abstract String line(SseEvent raw);

  private static String text(StreamEvent.Change change) {
    Operation operation = change.operation();
    StringBuilder text = new StringBuilder(128);
    text.append("  ").append(Rfc3339.format(operation.timestampMillis()));
    text.append("  ").append(operation.type()).append('/').append(operation.id());
    if (!operation.parents().isEmpty()) {
      text.append("  [").append(String.join(", ", operation.parents())).append(']');
    }
    if (change.ref() != null) {
      text.append("  ").append(change.ref());
    }
    return TerminalText.plain(text.toString());
  }
}
