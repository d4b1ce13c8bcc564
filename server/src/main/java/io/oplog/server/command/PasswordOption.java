package io.oplog.server.command;

import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigDefaults.Found;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.Secrets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A password that may be given by itself or in a file. Where it is given decides first: flags win
 * over variables, and those over the configuration file. In one place there can be only one.
 */
final class PasswordOption {
  private static final String IN_FILE = "-file";

  private PasswordOption() {}

  /**
   * The password in force; null is none.
   *
   * @param given the value of the option
   * @param file the value of the option that names a file
   * @throws ConfigException when what a variable or a file says cannot be used
   */
  static @Nullable String resolve(
      CommandSpec command, String option, @Nullable String given, @Nullable Path file) {
    boolean flag = isFlag(command, option);
    boolean fileFlag = isFlag(command, option + IN_FILE);
    if (flag && fileFlag) {
      throw wrong(command, "give either " + option + " or " + option + IN_FILE + ", not both");
    }
    if (flag && given != null) {
      return shown(command, option, given);
    }
    return fileFlag && file != null ? Secrets.firstLine(file) : configured(command, option);
  }

  private static boolean isFlag(CommandSpec command, String option) {
    ParseResult flags = command.commandLine().getParseResult();
    return flags.hasMatchedOption(option);
  }

  private static String shown(CommandSpec command, String option, String given) {
    if (given.isEmpty()) {
      throw wrong(command, option + " is empty: leave it out where no password is wanted");
    }
    command
        .commandLine()
        .getErr()
        .println(
            "oplog: everybody on this machine can see "
                + option
                + " in the list of processes;"
                + " better use "
                + option
                + IN_FILE
                + " or the environment");
    return given;
  }

  private static ParameterException wrong(CommandSpec command, String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private static @Nullable String configured(CommandSpec command, String option) {
    if (!(command.defaultValueProvider() instanceof ConfigDefaults defaults)) {
      return null;
    }
    String name = option.replaceFirst("^-+", "");
    Map<String, Found> found = defaults.findTogether(List.of(name, name + IN_FILE));
    found.forEach(PasswordOption::requireValue);
    Found text = found.get(name);
    Found file = found.get(name + IN_FILE);
    if (text != null && file != null) {
      throw new ConfigException(both(text, file, name));
    }
    if (text != null) {
      return text.value();
    }
    return file == null ? null : Secrets.firstLine(Path.of(file.value()));
  }

  private static void requireValue(String name, Found found) {
    if (found.value().isEmpty()) {
      String place = place(found, name);
      throw new ConfigException(place + " is empty: leave it out where no password is wanted");
    }
  }

  private static String both(Found text, Found file, String name) {
    String places = place(text, name) + " and " + place(file, name + IN_FILE);
    return "either " + places + " can be given, not both";
  }

  /** The variable, or the line in the file. */
  private static String place(Found found, String name) {
    return found.origin().matches("OPLOGD?_[A-Z_]+")
        ? found.origin()
        : name + " in " + found.origin();
  }

  /** How a command is best told its password; nothing for one that needs none. */
  static Optional<String> advice(CommandSpec command) {
    return command.options().stream()
        .map(ConfigDefaults::name)
        .filter(name -> name.endsWith("password"))
        .findFirst()
        .map(name -> "--" + name + IN_FILE + " or " + ConfigDefaults.variable(name));
  }
}
