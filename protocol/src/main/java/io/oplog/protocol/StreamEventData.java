package io.oplog.protocol;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the data of a server's events. */
final class StreamEventData {
  private static final Json JSON = new Json(OperationLimits.NONE.maxDepth() + 2);

  private StreamEventData() {}

  static StreamEvent.Change change(SseEvent event, OperationKind kind) {
    OperationParser fields = new OperationParser(OperationLimits.NONE);
    try (JsonParser parser = JSON.open(event.data())) {
      parser.nextToken();
      Operation operation = fields.parseData(parser, kind);
      return new StreamEvent.Change(EventId.parse(event.lastEventId()), operation, fields.ref());
    } catch (InvalidOperationException e) {
      throw invalid(event, e.reason(), e);
    } catch (JacksonException e) {
      throw invalid(event, Json.reason(e), e);
    }
  }

  /** The reason of a reset, or empty: whatever its data are, a reset must be heard. */
  static String reason(SseEvent event) {
    try (JsonParser parser = JSON.open(event.data())) {
      return parser.nextToken() == JsonToken.START_OBJECT ? reason(parser) : "";
    } catch (JacksonException e) {
      return "";
    }
  }

  private static String reason(JsonParser parser) {
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      JsonToken token = parser.nextToken();
      if (key.equals("reason") && token == JsonToken.VALUE_STRING) {
        return parser.getString();
      }
      parser.skipChildren();
    }
    return "";
  }

  private static IllegalArgumentException invalid(SseEvent event, String reason, Exception cause) {
    return new IllegalArgumentException(
        "event " + Quoted.of(event.lastEventId()) + ": " + reason, cause);
  }
}
