package io.oplog.server.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A status as aligned lines.
 *
 * @param values by name; names within names are joined by dots
 */
record StatusText(Map<String, String> values) {

  /** Names longer than this are not lined up. */
  private static final int MAX_WIDTH = 60;

  /**
   * Reads a status.
   *
   * @throws IllegalArgumentException when it is not a JSON object
   */
  static StatusText parse(String json) {
    JsonObject.require(json, Set.of());
    Map<String, String> values = new LinkedHashMap<>();
    try (JsonParser parser = JsonObject.open(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          values.put(TerminalText.plain(name(parser)), TerminalText.plain(parser.getString()));
        }
      }
    }
    return new StatusText(values);
  }

  private static String name(JsonParser parser) {
    return parser
        .streamReadContext()
        .pathAsPointer(false)
        .toString()
        .substring(1)
        .replace('/', '.');
  }

  boolean isOk() {
    return "OK".equals(values.get("status"));
  }

  @Override
  public String toString() {
    int width =
        Math.min(MAX_WIDTH, values.keySet().stream().mapToInt(String::length).max().orElse(0));
    return values.entrySet().stream()
        .map(entry -> filled(entry.getKey(), width) + "  " + entry.getValue())
        .collect(Collectors.joining("\n"));
  }

  private static String filled(String name, int width) {
    return name + " ".repeat(Math.max(0, width - name.length()));
  }
}
