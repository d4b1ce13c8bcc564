package io.oplog.server.command;

import java.util.Locale;
import picocli.CommandLine.Option;

/** How much is logged. */
final class LogOptions {
  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "debug, info, warn or error (default: ${DEFAULT-VALUE}).")
  private Level level;

  private enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  /** The logger reads it once: before the first of its classes loads. */
  void apply() {
    System.setProperty(
        "org.slf4j.simpleLogger.defaultLogLevel", level.name().toLowerCase(Locale.ROOT));
  }
}
