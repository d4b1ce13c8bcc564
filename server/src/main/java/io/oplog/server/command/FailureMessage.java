package io.oplog.server.command;

import io.oplog.client.BrokenLineException;
import io.oplog.client.RefusedException;
import io.oplog.client.RefusedException.Reason;
import io.oplog.client.UnavailableException;
import io.oplog.client.sync.DumpException;
import io.oplog.client.sync.TooManyDeletesException;
import io.oplog.client.sync.TryAgainException;
import io.oplog.client.sync.sort.DiskException;
import io.oplog.core.relay.UnusableException;
import io.oplog.core.store.StoreException;
import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns what went wrong into one line and an exit code. A stack trace means a defect. */
final class FailureMessage implements IExecutionExceptionHandler, IParameterExceptionHandler {

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult arguments) {
    return report(e, command);
  }

  /** Says what went wrong, and gives the exit code of it. */
  static int report(Exception e, CommandLine command) {
    if (e instanceof CancellationException) {
      return ExitCode.FAILURE; // the signal's own code is what the process ends with
    }
    int code = exitCode(e);
    PrintWriter err = command.getErr();
    if (code == ExitCode.INTERNAL) {
      e.printStackTrace(err);
    }
    err.println("oplog: " + TerminalText.plain(message(e) + advice(e, command)));
    err.flush();
    return code;
  }

  private static int exitCode(Exception e) {
    return switch (e) {
      case CommandFailure failure -> failure.exitCode();
      case ConfigException _ -> ExitCode.CONFIGURATION;
      case DiskException _ -> ExitCode.STORE;
      case BrokenLineException _, DumpException _ -> ExitCode.DATA;
      case TooManyDeletesException _ -> ExitCode.LIMIT;
      case TryAgainException _ -> ExitCode.TRY_AGAIN;
      case RefusedException refused -> exitCode(refused.reason());
      case UnusableException unusable
          when unusable.getCause() instanceof RefusedException refused ->
          exitCode(refused.reason());
      case UnusableException unusable when unusable.isDenied() -> ExitCode.PASSWORD;
      case UnusableException _ -> ExitCode.CONFIGURATION;
      case UnavailableException _, BindException _, StoreException.Locked _ -> ExitCode.UNAVAILABLE;
      case StoreException.Denied _ -> ExitCode.PASSWORD;
      case StoreException.Misplaced _ -> ExitCode.CONFIGURATION;
      case StoreException _ -> ExitCode.STORE;
      case IOException _, InterruptedException _ -> ExitCode.FAILURE;
      default -> ExitCode.INTERNAL;
    };
  }

  private static int exitCode(Reason reason) {
    return switch (reason) {
      case NO_PASSWORD, UNAUTHORIZED -> ExitCode.PASSWORD;
      case INVALID, TOO_LARGE -> ExitCode.DATA;
      case SOURCE_CONFLICT, NOT_OPLOG -> ExitCode.FAILURE;
    };
  }

  private static String message(Exception e) {
    return switch (e) {
      case RuntimeException defect when !(e instanceof ConfigException) -> "defect: " + defect;
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }

  /** Which option helps. */
  private static String advice(Exception e, CommandLine command) {
    return switch (e) {
      case RefusedException refused when exitCode(e) == ExitCode.PASSWORD ->
          PasswordOption.advice(command.getCommandSpec(), refused.access())
              .map(how -> ": " + how)
              .orElse("");
      case DiskException full when full.isTemporary() -> "; --tmp names another folder for them";
      default -> "";
    };
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    Optional<String> origin = origin(e);
    PrintWriter err = command.getErr();
    err.println(
        "oplog: "
            + TerminalText.plain(UsageMessage.of(e))
            + origin.map(place -> " (from " + place + ")").orElse(""));
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return origin.isPresent() ? ExitCode.CONFIGURATION : ExitCode.USAGE;
  }

  /** The variable or file that a bad value came from; nothing for a flag. */
  private static Optional<String> origin(ParameterException e) {
    ArgSpec argument = e.getArgSpec();
    if (!(argument instanceof OptionSpec option)
        || isFlag(e.getCommandLine(), option)
        || !(e.getCommandLine().getDefaultValueProvider() instanceof ConfigDefaults defaults)) {
      return Optional.empty();
    }
    return defaults.find(ConfigDefaults.name(option)).map(ConfigDefaults.Found::origin);
  }

  private static boolean isFlag(CommandLine command, OptionSpec option) {
    ParseResult result = command.getParseResult();
    return result != null && result.originalArgs().stream().anyMatch(a -> names(option, a));
  }

  private static boolean names(OptionSpec option, String argument) {
    for (String name : option.names()) {
      if (argument.equals(name) || argument.startsWith(name + "=")) {
        return true;
      }
    }
    return false;
  }
}
