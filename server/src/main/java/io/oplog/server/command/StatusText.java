package io.oplog.server.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A status as aligned lines.
 *
 * @param values by name; names within names are joined by dots
 */
record StatusText(Map<String, String> values) {

  /**
   * Reads a status.
   *
   * @throws CommandFailure when it is not JSON
   */
  static StatusText parse(String json) throws CommandFailure {
    Map<String, String> values = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          values.put(name(parser), parser.getString());
        }
      }
    } catch (JacksonException e) {
      throw new CommandFailure(ExitCode.FAILURE, "the server's status is not JSON");
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
    int width = values.keySet().stream().mapToInt(String::length).max().orElse(0);
    return values.entrySet().stream()
        .map(entry -> String.format("%-" + width + "s  %s", entry.getKey(), entry.getValue()))
        .collect(Collectors.joining("\n"));
  }
}
