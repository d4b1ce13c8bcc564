package io.oplog.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file of {@code option = value} lines: the names of the options without their dashes, {@code #}
 * before a comment line, values taken as they stand. Immutable.
 */
public final class ConfigFile {
  /** No file. */
  public static final ConfigFile NONE = new ConfigFile("", Map.of());

  private final String name;
  private final Map<String, String> values;

  private ConfigFile(String name, Map<String, String> values) {
    this.name = name;
    this.values = values;
  }

  /**
   * Reads a file.
   *
   * @param known the names that may stand in it
   * @throws ConfigException when it cannot be read, or a line cannot be used
   */
  public static ConfigFile read(Path path, Set<String> known) {
    try {
      return new ConfigFile(path.toString(), parse(path, Files.readAllLines(path), known));
    } catch (NoSuchFileException e) {
      throw new ConfigException("no configuration file " + path);
    } catch (CharacterCodingException e) {
      throw new ConfigException(path + " is not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException("cannot read " + path + ": " + FileReason.of(e));
    }
  }

  private static Map<String, String> parse(Path path, List<String> lines, Set<String> known) {
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        put(values, path + ", line " + (i + 1) + ": ", line, known);
      }
    }
    return values;
  }

  private static void put(
      Map<String, String> values, String place, String line, Set<String> known) {
    int equals = line.indexOf('=');
    if (equals < 0) {
      throw new ConfigException(place + "not of the form option = value");
    }
    String key = line.substring(0, equals).strip();
    if (!known.contains(key)) {
      throw new ConfigException(place + "there is no option " + key);
    }
    if (values.put(key, line.substring(equals + 1).strip()) != null) {
      throw new ConfigException(place + key + " was given before");
    }
  }

  /** The value of an option, by its name without dashes. */
  public Optional<String> value(String option) {
    return Optional.ofNullable(values.get(option));
  }

  /** The path, as it was given. */
  @Override
  public String toString() {
    return name;
  }
}
