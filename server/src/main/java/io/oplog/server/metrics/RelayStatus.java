package io.oplog.server.metrics;

import io.oplog.core.relay.RelayStats;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** What a page {@code /status} says of relays. */
public final class RelayStatus {
  private RelayStatus() {}

  /** Writes the property {@code relays}; nothing where there are none. */
  public static void write(JsonGenerator json, List<RelayStats> relays) {
    if (!relays.isEmpty()) {
      json.writeArrayPropertyStart("relays");
      relays.forEach(relay -> write(json, relay));
      json.writeEndArray();
    }
  }

  private static void write(JsonGenerator json, RelayStats relay) {
    json.writeStartObject();
    json.writeStringProperty("to", relay.to());
    json.writeStringProperty("trouble", relay.trouble().orElse(""));
    json.writeNumberProperty("backlog", relay.backlog().changes());
    json.writeNumberProperty("backlog_seconds", relay.backlog().seconds());
    json.writeNumberProperty("sent", relay.sent());
    json.writeNumberProperty("refused", relay.refused());
    json.writeNumberProperty("discarded", relay.discarded());
    json.writeNumberProperty("conflated", relay.conflated());
    json.writeNumberProperty("reconciled", relay.reconciled());
    json.writeNumberProperty("skips", relay.skips());
    json.writeStringProperty("position", relay.position().orElse(""));
    json.writeEndObject();
  }
}
