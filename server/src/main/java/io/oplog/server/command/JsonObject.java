package io.oplog.server.command;

import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Looks at JSON that a server sent before it is passed on. Safe from any thread. */
final class JsonObject {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonObject() {}

  static JsonParser open(String text) {
    return FACTORY.createParser(ObjectReadContext.empty(), text);
  }

  /**
   * Makes sure that a text is one JSON object, and nothing after it.
   *
   * @param reserved keys that it must not have
   * @throws IllegalArgumentException when it is not, with the reason
   */
  static void require(String text, Set<String> reserved) {
    try (JsonParser parser = open(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      for (String key = parser.nextName(); key != null; key = parser.nextName()) {
        if (reserved.contains(key)) {
          throw new IllegalArgumentException("it has a key '" + key + "' of its own");
        }
        parser.nextToken();
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("more than one JSON object");
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not valid JSON", e);
    }
  }
}
