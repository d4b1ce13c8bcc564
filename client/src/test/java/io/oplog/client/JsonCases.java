package io.oplog.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads the cases of {@code clients/conformance}. */
final class JsonCases {
  private static final Path FOLDER = Path.of("..", "clients", "conformance");

  private JsonCases() {}

  /** A case, whose text is its name, or an object in one. */
  record Case(Map<?, ?> fields) {
    boolean has(String name) {
      return fields.containsKey(name);
    }

    Object value(String name) {
      return Objects.requireNonNull(fields.get(name), name);
    }

    String text(String name) {
      return (String) value(name);
    }

    List<?> list(String name) {
      return (List<?>) value(name);
    }

    Case object(String name) {
      return of(value(name));
    }

    static Case of(Object object) {
      return new Case((Map<?, ?>) object);
    }

    @Override
    public String toString() {
      return has("name") ? text("name") : fields.toString();
    }
  }

  static Stream<Case> of(String file) throws IOException {
    String text = Files.readString(FOLDER.resolve(file));
    try (JsonParser json =
        JsonFactory.builder().build().createParser(ObjectReadContext.empty(), text)) {
      json.nextToken();
      List<?> cases = (List<?>) Objects.requireNonNull(value(json));
      return cases.stream().map(one -> new Case((Map<?, ?>) one));
    }
  }

  private static @Nullable Object value(JsonParser json) {
    return switch (json.currentToken()) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> list(json);
      case VALUE_STRING -> json.getString();
      case VALUE_NUMBER_INT -> json.getLongValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static Map<String, Object> object(JsonParser json) {
    Map<String, Object> fields = new HashMap<>();
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      json.nextToken();
      fields.put(name, value(json));
    }
    return fields;
  }

  private static List<Object> list(JsonParser json) {
    List<Object> items = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(json));
    }
    return items;
  }
}
