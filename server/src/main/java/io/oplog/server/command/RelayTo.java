package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.client.sync.DeleteLimit;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.FairSource;
import io.oplog.connector.lines.LineSink;
import io.oplog.connector.redis.DenyList;
import io.oplog.connector.redis.RedisOptions;
import io.oplog.connector.redis.RedisSink;
import io.oplog.core.engine.Heap;
import io.oplog.core.relay.Relay;
import io.oplog.core.relay.Sink;
import io.oplog.core.relay.Source;
import io.oplog.protocol.Operation;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a relay passes changes to. */
final class RelayTo {
  private static final String STANDARD_OUTPUT = "-";

  /** What waits for all targets together is what this process has its heap for. */
  private static final double WAITING = 4;

  private static final long MOST_WAITING = 64L << 20;

  /** A comma also stands between the hosts of one address: there none begins after it. */
  private static final Pattern BETWEEN = Pattern.compile("\n|,\\s*(?=[a-z][a-z-]*://)");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private RedisTargetOptions redis;

  @Option(
      names = "--to",
      paramLabel = "URI",
      description =
          "Where they go: another oplog, as in http://host:8042; Redis in the format that redis-oplog"
              + " reads, as in redis://:password@host:6379/0, rediss://host or"
              + " redis-sentinel://h1,h2/0#name; or - for standard output, a line of JSON for each."
              + " Several Redis with commas between them, or an option for each. With a password in it"
              + " better given by --to-file or OPLOG_TO.")
  private List<String> to = List.of();

  @Option(
      names = "--to-file",
      paramLabel = "FILE",
      description = "File whose lines are the URIs of --to.")
  private @Nullable Path toFile;

  private List<String> uris = List.of();

  @Option(
      names = "--to-password",
      paramLabel = "TEXT",
      description =
          "To an oplog: password of its stream; better given by --to-password-file or"
              + " OPLOG_TO_PASSWORD.")
  private @Nullable String toPassword;

  @Option(
      names = "--to-password-file",
      paramLabel = "FILE",
      description = "To an oplog: file whose first line is the password of its stream.")
  private @Nullable Path toPasswordFile;

  @Option(
      names = "--to-ingest-password",
      paramLabel = "TEXT",
      description =
          "To an oplog: its password for ingest; better given by --to-ingest-password-file or"
              + " OPLOG_TO_INGEST_PASSWORD.")
  private @Nullable String toIngestPassword;

  @Option(
      names = "--to-ingest-password-file",
      paramLabel = "FILE",
      description = "To an oplog: file whose first line is its password for ingest.")
  private @Nullable Path toIngestPasswordFile;

  @Option(
      names = "--max-deletes",
      paramLabel = "LIMIT",
      description =
          "To an oplog, when it is brought in line with everything that --from has: stop before"
              + " anything is sent if more would be deleted, a share of the objects that live there or a"
              + " number (default: 1%%; no limit where --types or rules say what it has from this relay"
              + " alone, after the first time).")
  private @Nullable DeleteLimit maxDeletes;

  @Option(
      names = "--state-file",
      paramLabel = "FILE",
      description =
          "To standard output: keeps the position of the last line that was printed; later runs go on"
              + " there. Without it, or when it is not there yet, everything that exists is printed"
              + " first.")
  private @Nullable Path stateFile;

  @Option(
      names = "--from-now",
      fallbackValue = "true",
      description =
          "To standard output: print what changes from now on, and not what exists already.")
  private boolean fromNow;

  /**
   * Makes a relay to each target; none is started.
   *
   * @param broken hears why standard output takes no more
   * @throws CommandFailure when the state file cannot be used
   */
  Relays open(RelayFrom from, Consumer<IOException> broken) throws CommandFailure {
    from.requireGiven();
    if (uri().equals(STANDARD_OUTPUT)) {
      return lines(from, broken);
    }
    requireNone("--state-file", stateFile);
    requireNone("--from-now", fromNow ? true : null);
    return areRedis() ? redis(from) : oplog(from);
  }

  private Relays lines(RelayFrom from, Consumer<IOException> broken) throws CommandFailure {
    requireNone("--max-deletes", maxDeletes);
    requireNoPasswords();
    redis.requireNone();
    PositionFile file = PositionFile.open(stateFile, "position of a relay", KeptPosition::parse);
    Sink<Operation> sink =
        new LineSink(
            new FileOutputStream(FileDescriptor.out),
            new KeptPosition.InFile(file),
            fromNow,
            broken);
    return new Relays(List.of(new Relay<>(from.operations(), sink, shown())), List.of(), file);
  }

  /** They are for an oplog: an address of Redis has its own. */
  private void requireNoPasswords() {
    requireNone("--to-password", toPassword);
    requireNone("--to-password-file", toPasswordFile);
    requireNone("--to-ingest-password", toIngestPassword);
    requireNone("--to-ingest-password-file", toIngestPasswordFile);
  }

  private Relays redis(RelayFrom from) throws CommandFailure {
    requireNoPasswords();
    requireNone("--max-deletes", maxDeletes);
    List<Relay<?>> relays = new ArrayList<>();
    List<DenyList> denied = new ArrayList<>();
    List<RedisOptions> targets = redis.options(uris());
    long mostWaiting = Heap.parts(WAITING / targets.size(), MOST_WAITING);
    for (RedisOptions options : targets) {
      RedisSink sink = new RedisSink(options);
      Source<DocumentChange> source =
          new FairSource(from.documents(options::needs), redis.conflation(options), mostWaiting);
      relays.add(new Relay<>(source, sink, options.place()));
      denied.add(sink.denyList());
    }
    return new Relays(relays, denied, PositionFile.open(null));
  }

  private Relays oplog(RelayFrom from) throws CommandFailure {
    redis.requireNone();
    requireOther(from);
    return new Relays(
        List.of(new Relay<>(from.operations(), oplog(from.types()), shown())),
        List.of(),
        PositionFile.open(null));
  }

  /** Each change would come back to where it came from. */
  private void requireOther(RelayFrom from) {
    if (from.shown().equals(shown())) {
      throw new ParameterException(
          command.commandLine(), "--from and --to are the same log, which would grow for ever");
    }
  }

  private void requireNone(String option, @Nullable Object value) {
    if (value != null) {
      throw new ParameterException(
          command.commandLine(), option + " is not for --to " + shown() + ": see --help");
    }
  }

  private boolean areRedis() {
    return uris().stream().allMatch(RelayTo::isRedis);
  }

  private static boolean isRedis(String uri) {
    return uri.startsWith("redis");
  }

  /** Where there is one. */
  private String uri() {
    return uris().getFirst();
  }

  /** Resolved once: a file is read, and a secret among the flags warned of, a single time. */
  private List<String> uris() {
    if (uris.isEmpty()) {
      uris =
          split(PasswordOption.resolveLines(whole(), "--to", to, toFile, one -> one.contains("@")));
    }
    return uris;
  }

  private List<String> split(@Nullable String given) {
    if (given == null) {
      throw new ParameterException(command.commandLine(), "--to says where changes go");
    }
    List<String> all = BETWEEN.splitAsStream(given).map(String::strip).toList();
    if (all.size() > 1 && !all.stream().allMatch(RelayTo::isRedis)) {
      throw new ParameterException(
          command.commandLine(), "several --to are for Redis: run a relay for each other target");
    }
    requireKind(all.getFirst());
    return all;
  }

  /** An address alone may be of any. */
  private void requireKind(String first) {
    if (!isRedis(first) && !OplogEnd.isOplog(first) && !first.equals(STANDARD_OUTPUT)) {
      throw new ParameterException(
          command.commandLine(),
          "--to begins with what is there: http:// or https:// for an oplog, redis://, rediss:// or"
              + " redis-sentinel:// for Redis; or it is -, for standard output");
    }
  }

  private CommandSpec whole() {
    return command.commandLine().getCommandSpec();
  }

  /** Where changes go, in words. */
  String shown() {
    if (uri().equals(STANDARD_OUTPUT)) {
      return "standard output";
    }
    return areRedis()
        ? redis.options(uris()).stream().map(RedisOptions::place).collect(Collectors.joining(", "))
        : Endpoint.shown(uri());
  }

  private Sink<Operation> oplog(Set<String> types) {
    return new OplogEnd(
            endpoint(PasswordOption.resolve(whole(), "--to-password", toPassword, toPasswordFile)),
            endpoint(
                PasswordOption.resolve(
                    whole(), "--to-ingest-password", toIngestPassword, toIngestPasswordFile)))
        .sink(types, Optional.ofNullable(maxDeletes));
  }

  private Endpoint endpoint(@Nullable String password) {
    try {
      return Endpoint.of(uri()).withPassword(password);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--to: " + e.getMessage());
    }
  }
}
