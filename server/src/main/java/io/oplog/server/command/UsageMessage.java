package io.oplog.server.command;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * What is wrong with a command line; the first thing that nobody knows, rather than what follows
 * from it.
 */
final class UsageMessage {
  private UsageMessage() {}

  static String of(ParameterException e) {
    CommandLine command = e.getCommandLine();
    List<String> unknown = command.getUnmatchedArguments();
    return unknownOption(command, unknown)
        .or(() -> unknownCommand(command, unknown))
        .orElseGet(() -> String.valueOf(e.getMessage()));
  }

  private static Optional<String> unknownOption(CommandLine command, List<String> unknown) {
    return unknown.stream()
        .filter(argument -> argument.length() > 1 && argument.startsWith("-"))
        .findFirst()
        .map(argument -> argument.replaceFirst("=.*", ""))
        .map(name -> "no option '" + name + "'" + suggestion(command, name));
  }

  private static String suggestion(CommandLine command, String unknown) {
    TreeSet<String> names = new TreeSet<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      names.addAll(List.of(option.names()));
    }
    return Nearest.of(unknown, names).map(name -> "; did you mean '" + name + "'?").orElse("");
  }

  private static Optional<String> unknownCommand(CommandLine command, List<String> unknown) {
    if (command.getSubcommands().isEmpty() || unknown.isEmpty()) {
      return Optional.empty();
    }
    String names = String.join(", ", command.getSubcommands().keySet());
    return Optional.of("no command '" + unknown.getFirst() + "'; there are " + names);
  }
}
