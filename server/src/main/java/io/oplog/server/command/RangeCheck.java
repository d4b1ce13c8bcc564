package io.oplog.server.command;

import io.oplog.server.config.Quantities;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** Runs a command once all its options are {@link Within} their bounds. */
final class RangeCheck implements IExecutionStrategy {
  private final IExecutionStrategy run = new RunLast();

  @Override
  public int execute(ParseResult arguments) {
    ParseResult last = arguments;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    if (!last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
      check(last.commandSpec());
    }
    return run.execute(arguments);
  }

  private static void check(CommandSpec command) {
    for (OptionSpec option : command.options()) {
      Within bounds = bounds(option);
      Object value = option.getValue();
      if (bounds != null && value != null && !holds(bounds, value)) {
        throw refusal(command, option, bounds);
      }
    }
  }

  private static @Nullable Within bounds(OptionSpec option) {
    return option.userObject() instanceof Field field ? field.getAnnotation(Within.class) : null;
  }

  private static boolean holds(Within bounds, Object value) {
    return value instanceof Duration time
        ? isBetween(
            time.toMillis(),
            Quantities.duration(bounds.least()).toMillis(),
            Quantities.duration(bounds.most()).toMillis())
        : isBetween(
            ((Number) value).longValue(),
            Quantities.bytes(bounds.least()),
            Quantities.bytes(bounds.most()));
  }

  private static boolean isBetween(long value, long least, long most) {
    return least <= value && value <= most;
  }

  private static ParameterException refusal(CommandSpec command, OptionSpec option, Within bounds) {
    List<String> typed = option.stringValues();
    String value = typed.isEmpty() ? option.defaultValueString() : typed.getLast();
    String problem =
        String.format(
            "Invalid value for option '%s' (%s): '%s' is not from %s to %s",
            option.names()[0], option.paramLabel(), value, bounds.least(), bounds.most());
    return new ParameterException(command.commandLine(), problem, option, value);
  }
}
