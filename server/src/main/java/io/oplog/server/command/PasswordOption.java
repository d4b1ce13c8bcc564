package io.oplog.server.command;

import io.oplog.server.config.ConfigException;
import io.oplog.server.config.Secrets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** A password that may be given by itself or in a file, by a flag or otherwise. */
final class PasswordOption {
  private PasswordOption() {}

  /**
   * The password in force: a flag wins over what is not a flag, and the password over its file.
   *
   * @throws ConfigException when the file cannot be used
   */
  static @Nullable String resolve(
      CommandSpec command, String option, @Nullable String given, @Nullable Path file) {
    boolean shown = isFlag(command, option);
    if (shown) {
      warn(command, option);
    }
    return !shown && isFlag(command, option + "-file")
        ? Secrets.resolve(null, file)
        : Secrets.resolve(given, file);
  }

  private static boolean isFlag(CommandSpec command, String option) {
    return command.commandLine().getParseResult().hasMatchedOption(option);
  }

  private static void warn(CommandSpec command, String option) {
    command
        .commandLine()
        .getErr()
        .println(
            "oplog: everybody on this machine can see "
                + option
                + " in the list of processes;"
                + " better use "
                + option
                + "-file or the environment");
  }
}
