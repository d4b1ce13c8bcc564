package io.oplog.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

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
    return notEmpty(option, file, read(option, file).lines().findFirst().orElse(""));
  }

  /**
   * What a file has, one a line, as one text; empty lines are left out.
   *
   * @param option that names the file
   * @throws ConfigException when the file cannot be read or is empty
   */
  public static String lines(String option, Path file) {
    return notEmpty(
        option,
        file,
        read(option, file)
            .lines()
            .map(String::strip)
            .filter(one -> !one.isEmpty())
            .collect(Collectors.joining("\n")));
  }

  private static String read(String option, Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + " of " + option + ": " + FileReason.of(e));
    }
  }

  private static String notEmpty(String option, Path file, String text) {
    if (text.isBlank()) {
      throw new ConfigException(file + " of " + option + " is empty");
    }
    return text.strip();
  }
}
