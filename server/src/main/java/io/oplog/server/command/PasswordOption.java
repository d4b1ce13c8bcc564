package io.oplog.server.command;

import io.oplog.client.RefusedException.Access;
import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigDefaults.Found;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.Secrets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
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
    return resolve(command, option, given, file, _ -> true);
  }

  /**
   * The same for an option that may be given without a secret in it.
   *
   * @param isSecret whether a value has one
   */
  static @Nullable String resolve(
      CommandSpec command,
      String option,
      @Nullable String given,
      @Nullable Path file,
      Predicate<String> isSecret) {
    return resolve(command, option, given, file, isSecret, Secrets::firstLine);
  }

  /**
   * The same for an option that may be given several times: a text with a line for each.
   *
   * @param given each time
   * @param file that has a line for each
   */
  static @Nullable String resolveLines(
      CommandSpec command,
      String option,
      List<String> given,
      @Nullable Path file,
      Predicate<String> isSecret) {
    String lines = given.isEmpty() ? null : String.join("\n", given);
    return resolve(command, option, lines, file, isSecret, Secrets::lines);
  }

  private static @Nullable String resolve(
      CommandSpec command,
      String option,
      @Nullable String given,
      @Nullable Path file,
      Predicate<String> isSecret,
      BiFunction<String, Path, String> read) {
    Optional<String> flag = typed(command, option);
    Optional<String> fileFlag = typed(command, option + IN_FILE);
    if (flag.isPresent() && fileFlag.isPresent()) {
      throw wrong(command, "give either " + flag.get() + " or " + fileFlag.get() + ", not both");
    }
    if (flag.isPresent() && given != null) {
      requireValue(command, flag.get(), given);
      if (isSecret.test(given)) {
        warn(command, flag.get());
      }
      return given;
    }
    return fileFlag.isPresent() && file != null
        ? read.apply(option + IN_FILE, file)
        : configured(command, option, read);
  }

  /** The name by which an option was given among the flags. */
  private static Optional<String> typed(CommandSpec command, String option) {
    ParseResult flags = command.commandLine().getParseResult();
    return flags.hasMatchedOption(option)
        ? Optional.of(typed(flags.originalArgs(), command.findOption(option)))
        : Optional.empty();
  }

  private static String typed(List<String> arguments, OptionSpec option) {
    return Stream.of(option.names())
        .filter(
            name -> arguments.stream().anyMatch(a -> a.equals(name) || a.startsWith(name + "=")))
        .findFirst()
        .orElse(option.longestName());
  }

  private static void requireValue(CommandSpec command, String option, String given) {
    if (given.isEmpty()) {
      throw wrong(command, option + " is empty: leave it out where none is wanted");
    }
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
                + IN_FILE
                + " or the environment");
  }

  private static ParameterException wrong(CommandSpec command, String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private static @Nullable String configured(
      CommandSpec command, String option, BiFunction<String, Path, String> read) {
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
    return file == null ? null : read.apply(option + IN_FILE, Path.of(file.value()));
  }

  private static void requireValue(String name, Found found) {
    if (found.value().isEmpty()) {
      throw new ConfigException(found.place(name) + " is empty: leave it out where none is wanted");
    }
  }

  private static String both(Found text, Found file, String name) {
    String places = text.place(name) + " and " + file.place(name + IN_FILE);
    return "either " + places + " can be given, not both";
  }

  /** How a command is best told the password for an access; nothing where it cannot be. */
  static Optional<String> advice(CommandSpec command, Access access) {
    String option = access == Access.INGEST ? "--ingest-password" : "--password";
    return Optional.ofNullable(command.findOption(option))
        .map(ConfigDefaults::name)
        .map(name -> "--" + name + IN_FILE + " or " + ConfigDefaults.variable(name));
  }
}
