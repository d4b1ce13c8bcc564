package io.oplog.core.engine;

import io.oplog.protocol.EventId;
import java.util.ArrayList;
import java.util.List;

/** One event as a consumer reads it; the data as it stands. */
record Event(EventId id, String name, String data) {

  /** Splits what a consumer got. An unfinished event at the end is left out, heartbeats too. */
  static List<Event> parse(String text) {
    List<Event> events = new ArrayList<>();
    int from = 0;
    for (int end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", from)) {
      events.add(block(text.substring(from, end)));
      from = end + 2;
    }
    return events;
  }

  private static Event block(String block) {
    String[] lines = block.replace(":\n", "").split("\n", -1);
    return new Event(
        EventId.parse(lines[0].substring("id: ".length())),
        lines[1].substring("event: ".length()),
        lines[2].substring("data: ".length()));
  }

  long sequence() {
    return id.sequence();
  }

  /** The object's id where the event is of an object, else nothing. */
  String object() {
    int at = data.indexOf("\"id\":\"");
    return at < 0 ? "" : data.substring(at + 6, data.indexOf('"', at + 6));
  }

  /** As in {@code insert x1} or {@code live}. */
  String brief() {
    return (name + " " + object()).strip();
  }
}
