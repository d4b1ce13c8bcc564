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
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a relay passes changes to. */
final class RelayTo {
  private static final String STANDARD_OUTPUT = "-";
  private static final double WAITING = 4;
  private static final long MOST_WAITING = 64L << 20;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private RedisTargetOptions redis;

  @Option(
      names = "--to",
      paramLabel = "URI",
      description =
          "Where they go: another oplog, as in http://host:8042; Redis in the format that redis-oplog"
              + " reads, as in redis://:password@host:6379/0, rediss://host or"
              + " redis-sentinel://h1,h2/0#name; or - for standard output, a line of JSON for each. With a"
              + " password in it better given by --to-file or OPLOG_TO.")
  private @Nullable String to;

  @Option(
      names = "--to-file",
      paramLabel = "FILE",
      description = "File whose first line is the URI of --to.")
  private @Nullable Path toFile;

  private @Nullable String uri;

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
   * A relay that was not started.
   *
   * @param denied what its sink does not publish, where an operator may say so
   */
  record Opened(Relay<?> relay, Optional<DenyList> denied, PositionFile position)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      relay.close();
      position.close();
    }
  }

  /**
   * Makes the relay.
   *
   * @param broken hears why standard output takes no more
   * @throws CommandFailure when the state file cannot be used
   */
  Opened open(RelayFrom from, Consumer<IOException> broken) throws CommandFailure {
    if (uri().equals(STANDARD_OUTPUT)) {
      return lines(from, broken);
    }
    requireNone("--state-file", stateFile);
    requireNone("--from-now", fromNow ? true : null);
    return isRedis() ? redis(from) : oplog(from);
  }

  private Opened lines(RelayFrom from, Consumer<IOException> broken) throws CommandFailure {
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
    return new Opened(new Relay<>(from.operations(), sink, shown()), Optional.empty(), file);
  }

  /** They are for an oplog: an address of Redis has its own. */
  private void requireNoPasswords() {
    requireNone("--to-password", toPassword);
    requireNone("--to-password-file", toPasswordFile);
    requireNone("--to-ingest-password", toIngestPassword);
    requireNone("--to-ingest-password-file", toIngestPasswordFile);
  }

  private Opened redis(RelayFrom from) throws CommandFailure {
    requireNoPasswords();
    requireNone("--max-deletes", maxDeletes);
    RedisOptions options = redis.options(uri());
    RedisSink sink = new RedisSink(options);
    return new Opened(
        new Relay<>(inTurns(from.documents(options::needs), options), sink, shown()),
        Optional.of(sink.denyList()),
        PositionFile.open(null));
  }

  /** What waits is what this process has its heap for. */
  private Source<DocumentChange> inTurns(Source<DocumentChange> source, RedisOptions options) {
    return new FairSource(source, redis.conflation(options), Heap.parts(WAITING, MOST_WAITING));
  }

  private Opened oplog(RelayFrom from) throws CommandFailure {
    redis.requireNone();
    return new Opened(
        new Relay<>(from.operations(), oplog(from.types()), shown()),
        Optional.empty(),
        PositionFile.open(null));
  }

  private void requireNone(String option, @Nullable Object value) {
    if (value != null) {
      throw new ParameterException(
          command.commandLine(), option + " is not for --to " + shown() + ": see --help");
    }
  }

  private boolean isRedis() {
    return uri().startsWith("redis");
  }

  /** Resolved once: a file is read, and a secret among the flags warned of, a single time. */
  private String uri() {
    String known = uri;
    if (known == null) {
      known = PasswordOption.resolve(whole(), "--to", to, toFile, one -> one.contains("@"));
      uri = known;
    }
    if (known == null) {
      throw new ParameterException(command.commandLine(), "--to says where changes go");
    }
    return known;
  }

  private CommandSpec whole() {
    return command.commandLine().getCommandSpec();
  }

  /** Where changes go, in words. */
  String shown() {
    if (uri().equals(STANDARD_OUTPUT)) {
      return "standard output";
    }
    return isRedis() ? redis.options(uri()).place() : Endpoint.shown(uri());
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
