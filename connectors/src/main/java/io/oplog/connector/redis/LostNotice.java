package io.oplog.connector.redis;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/** What subscribers are told where changes were not published. */
final class LostNotice {

  private LostNotice() {}

  /**
   * In JSON: {@code since} is when the last change was published for sure, in milliseconds since
   * the epoch; null where that is not known.
   */
  static String of(String source, String reason, Standing standing) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Ejson.JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("source", source);
      json.writeStringProperty("reason", reason);
      json.writeName("since");
      if (standing.position().isEmpty()) {
        json.writeNull();
      } else {
        json.writeNumber(System.currentTimeMillis() - 1000 * standing.seconds());
      }
      json.writeEndObject();
    }
    return text.toString();
  }
}
