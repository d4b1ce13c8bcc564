package io.oplog.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads passwords; keeps them out of every message. */
public final class Secrets {
  private Secrets() {}

  /**
   * The password: the one given, or the first line of a file.
   *
   * @throws ConfigException when the file cannot be read or is empty
   */
  public static @Nullable String resolve(@Nullable String given, @Nullable Path file) {
    if (given != null) {
      return given;
    }
    return file == null ? null : firstLine(file);
  }

  private static String firstLine(Path file) {
    String line;
    try {
      line = Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw new ConfigException("cannot read the password file " + file);
    }
    if (line.isBlank()) {
      throw new ConfigException("the password file " + file + " is empty");
    }
    return line.strip();
  }
}
