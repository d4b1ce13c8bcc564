package io.oplog.server.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Eleven years of a repository's files: the operations, and the objects that exist at the end. */
final class GitHistory {
  static final int OPERATIONS = 65_690;
  static final int OBJECTS = 4_483;

  private static final Pattern FIELD =
      Pattern.compile("\"(event|type|id|timestamp|parents)\":(\"(?:[^\"\\\\]|\\\\.)*\"|\\[[^]]*])");

  private GitHistory() {}

  static Path operations(Path folder) throws IOException {
    Path file = folder.resolve("operations.ndjson.gz");
    try (InputStream in = resource("ops")) {
      Files.copy(in, file);
    }
    return file;
  }

  /** The lines of the operations. */
  static List<String> lines() throws IOException {
    try (BufferedReader lines = reader("ops")) {
      return lines.lines().toList();
    }
  }

  /** The objects that exist at the end: type and id, to timestamp and parents. */
  static Map<String, String> tree() throws IOException {
    try (BufferedReader lines = reader("tree")) {
      return lines.lines().map(GitHistory::fields).collect(objects());
    }
  }

  private static java.util.stream.Collector<Map<String, String>, ?, Map<String, String>> objects() {
    return Collectors.toMap(GitHistory::key, GitHistory::state);
  }

  /** What one holds who applies the lines that {@code tail --json} printed. */
  static Map<String, String> replica(String tail) {
    Map<String, String> objects = new TreeMap<>();
    tail.lines().forEach(line -> apply(fields(line), objects));
    return objects;
  }

  private static void apply(Map<String, String> fields, Map<String, String> objects) {
    switch (Objects.requireNonNull(fields.get("event"))) {
      case "\"insert\"", "\"update\"" -> objects.put(key(fields), state(fields));
      case "\"delete\"" -> objects.remove(key(fields));
      case "\"reset\"" -> objects.clear();
      default -> {
        // live
      }
    }
  }

  private static String key(Map<String, String> fields) {
    return fields.get("type") + " " + fields.get("id");
  }

  private static String state(Map<String, String> fields) {
    String timestamp = Objects.requireNonNull(fields.get("timestamp"));
    return timestamp.replace(".000Z", "Z") + " " + fields.get("parents");
  }

  private static Map<String, String> fields(String json) {
    Map<String, String> fields = new TreeMap<>();
    Matcher field = FIELD.matcher(json);
    while (field.find()) {
      fields.put(field.group(1), field.group(2));
    }
    return fields;
  }

  private static BufferedReader reader(String name) throws IOException {
    return new BufferedReader(
        new InputStreamReader(new GZIPInputStream(resource(name)), StandardCharsets.UTF_8));
  }

  private static InputStream resource(String name) {
    String path = "/fixtures/git-history." + name + ".ndjson.gz";
    return Objects.requireNonNull(GitHistory.class.getResourceAsStream(path), path);
  }
}
