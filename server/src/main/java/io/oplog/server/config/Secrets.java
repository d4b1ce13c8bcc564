package io.oplog.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads passwords; keeps them out of every message. */
public final class Secrets {
  private Secrets() {}

  /**
   * The password in a file: its first line.
   *
   * @param option that names the file
   * @throws ConfigException when the file cannot be read or is empty
   */
  public static String firstLine(String option, Path file) {
    String line;
    try {
      line = Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + " of " + option + ": " + FileReason.of(e));
    }
    if (line.isBlank()) {
      throw new ConfigException(file + " of " + option + " is empty");
    }
    return line.strip();
  }
}
