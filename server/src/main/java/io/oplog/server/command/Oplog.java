package io.oplog.server.command;

import io.oplog.client.sync.DeleteLimit;
import io.oplog.connector.document.NamespacePattern;
import io.oplog.connector.redis.FieldChannel;
import io.oplog.protocol.Rfc3339;
import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.ConfigFile;
import io.oplog.server.config.ListenAddress;
import io.oplog.server.config.LogRetention;
import io.oplog.server.config.Quantities;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The {@code oplog} command. */
@Command(
    name = "oplog",
    description = "A durable, ordered, resumable stream of \"this object changed\".",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:wrong usage",
      "3:out of memory, as Java ends then",
      "4:more deletions than --max-deletes allows",
      "65:the input is not what it should be",
      "66:the input file cannot be read",
      "69:the server or its database does not answer; its port or its data folder is taken; no Java",
      "70:a defect of oplog itself",
      "74:the store is damaged, or the disk fails",
      "75:another sync works on the same log, or it changes too fast; run again",
      "77:the password is missing or wrong, or its user lacks a right",
      "78:the configuration cannot be used",
      "130:stopped by a signal (SIGINT, as by Ctrl-C)",
      "143:stopped by a signal (SIGTERM)"
    },
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      Serve.class,
      AgentCommand.class,
      RelayCommand.class,
      Publish.class,
      Tail.class,
      Status.class,
      SyncCommand.class,
      DumpCommand.class
    },
    footer = {
      "",
      "Every option can also be set by the environment variable OPLOG_ and its name in upper case,"
          + " as in OPLOG_MAX_BODY=16MiB, or by a line such as 'max-body = 16MiB' of the"
          + " configuration file. A flag wins over a variable, and a variable over the file.",
      "",
      "Examples:",
      "  oplog serve",
      "  oplog agent --to https://central:8042",
      "  oplog relay --from http://main:8042 --to http://mirror:8042",
      "  oplog publish operations.ndjson.gz",
      "  oplog tail --from 0 --types video",
      "  oplog sync --dry-run dump.ndjson.gz"
    })
public final class Oplog implements Runnable {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "File of 'option = value' lines, the options named without dashes.")
  @SuppressWarnings("UnusedVariable") // read by file(), before the rest is parsed
  private @Nullable Path config;

  @Spec private CommandSpec spec;

  /** Without a subcommand there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  /** Runs a subcommand and ends the process with its exit code. */
  public static void main(String... arguments) {
    System.exit(execute(commandLine(), System.getenv(), arguments));
  }

  static int execute(CommandLine command, Map<String, String> given, String... arguments) {
    try {
      return executeIn(command, understood(command, given, arguments), arguments);
    } catch (ConfigException e) {
      command.getErr().println("oplog: " + e.getMessage());
      return ExitCode.CONFIGURATION;
    }
  }

  private static Map<String, String> understood(
      CommandLine command, Map<String, String> given, String... arguments) {
    if (arguments.length == 0 || !arguments[0].equals("relay")) {
      return given;
    }
    OtherVariables others = new OtherVariables(given, arguments);
    others.notes().forEach(note -> command.getErr().println("oplog: " + note));
    return others.environment();
  }

  private static int executeIn(
      CommandLine command, Map<String, String> environment, String... arguments) {
    ConfigFile file = file(environment, arguments, command);
    command.setDefaultValueProvider(new ConfigDefaults(environment, file));
    for (String warning : UnknownVariables.warnings(environment, options(command))) {
      command.getErr().println("oplog: " + warning);
    }
    return command.execute(helpAsOption(arguments));
  }

  /** {@code help COMMAND}, as other programs have it, for {@code COMMAND --help}. */
  private static String[] helpAsOption(String[] arguments) {
    if (arguments.length == 0 || !arguments[0].equals("help")) {
      return arguments;
    }
    String[] asked = Arrays.copyOfRange(arguments, 1, arguments.length + 1);
    asked[asked.length - 1] = "--help";
    return asked;
  }

  static CommandLine commandLine() {
    CommandLine command = new CommandLine(new Oplog());
    FailureMessage messages = new FailureMessage();
    command.registerConverter(Boolean.class, new TrueOrFalse());
    command.registerConverter(Boolean.TYPE, new TrueOrFalse());
    command.registerConverter(Duration.class, converter(Quantities::duration));
    command.registerConverter(ListenAddress.class, converter(ListenAddress::parse));
    command.registerConverter(LogRetention.class, converter(LogRetention::parse));
    command.registerConverter(NamespacePattern.class, converter(NamespacePattern::parse));
    command.registerConverter(FieldChannel.class, converter(FieldChannel::parse));
    command.registerConverter(DeleteLimit.class, converter(DeleteLimit::parse));
    command.registerConverter(
        Instant.class, converter(text -> Instant.ofEpochMilli(Rfc3339.parse(text))));
    command.setExecutionStrategy(new RangeCheck());
    command.setExecutionExceptionHandler(messages);
    command.setParameterExceptionHandler(messages);
    command.setCaseInsensitiveEnumValuesAllowed(true);
    return command;
  }

  private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  private static ConfigFile file(
      Map<String, String> environment, String[] arguments, CommandLine command) {
    Optional<String> path =
        flag(arguments).or(() -> Optional.ofNullable(environment.get("OPLOG_CONFIG")));
    return path.filter(text -> !text.isEmpty())
        .map(text -> ConfigFile.read(Path.of(text), options(command)))
        .orElse(ConfigFile.NONE);
  }

  private static Optional<String> flag(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].startsWith("--config=")) {
        return Optional.of(arguments[i].substring("--config=".length()));
      }
      if (arguments[i].equals("--config") && i + 1 < arguments.length) {
        return Optional.of(arguments[i + 1]);
      }
    }
    return Optional.empty();
  }

  /** The options of all subcommands, without dashes. */
  static Set<String> options(CommandLine command) {
    Set<String> names = new TreeSet<>();
    for (CommandLine subcommand : command.getSubcommands().values()) {
      for (OptionSpec option : subcommand.getCommandSpec().options()) {
        names.add(ConfigDefaults.name(option));
      }
    }
    names.removeAll(Set.of("help", "version", "config"));
    return names;
  }
}
