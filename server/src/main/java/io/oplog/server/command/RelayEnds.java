package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.client.sync.DeleteLimit;
import io.oplog.connector.lines.LinePositions;
import io.oplog.connector.lines.LineSink;
import io.oplog.core.relay.Relay;
import io.oplog.core.relay.Sink;
import io.oplog.core.relay.Source;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The two ends of {@code oplog relay}. */
final class RelayEnds {
  private static final String STANDARD_OUTPUT = "-";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--from",
      paramLabel = "URI",
      required = true,
      description = "Where changes come from: another oplog, as in http://host:8042.")
  private String from;

  @Option(
      names = "--from-password",
      paramLabel = "TEXT",
      description =
          "Password of the stream of --from; better given by --from-password-file or"
              + " OPLOG_FROM_PASSWORD.")
  private @Nullable String fromPassword;

  @Option(
      names = "--from-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of the stream of --from.")
  private @Nullable Path fromPasswordFile;

  @Option(
      names = "--to",
      paramLabel = "URI",
      required = true,
      description =
          "Where they go: another oplog, as in http://host:8042, or - for standard output, a line of"
              + " JSON for each.")
  private String to;

  @Option(
      names = "--to-password",
      paramLabel = "TEXT",
      description =
          "Password of the stream of --to; better given by --to-password-file or"
              + " OPLOG_TO_PASSWORD.")
  private @Nullable String toPassword;

  @Option(
      names = "--to-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of the stream of --to.")
  private @Nullable Path toPasswordFile;

  @Option(
      names = "--to-ingest-password",
      paramLabel = "TEXT",
      description =
          "Password of --to for ingest; better given by --to-ingest-password-file or"
              + " OPLOG_TO_INGEST_PASSWORD.")
  private @Nullable String toIngestPassword;

  @Option(
      names = "--to-ingest-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of --to for ingest.")
  private @Nullable Path toIngestPasswordFile;

  @Option(
      names = "--types",
      paramLabel = "TYPE",
      split = ",",
      description =
          "Only objects of these types, with commas between them. Where --to is an oplog, it has"
              + " them from this relay alone: what the source does not have is deleted there.")
  private List<String> types = List.of();

  @Option(
      names = "--max-deletes",
      paramLabel = "LIMIT",
      description =
          "When --to is brought in line with everything that --from has, stop before anything is sent"
              + " if more would be deleted: a share of the objects that live there, or a number (default:"
              + " 1%% the first time, when it may have objects from elsewhere, then no limit).")
  private @Nullable DeleteLimit maxDeletes;

  @Option(
      names = "--state-file",
      paramLabel = "FILE",
      description =
          "With --to -: keeps the position of the last line that was printed; later runs go on"
              + " there. Without it, or when it is not there yet, everything that exists is printed"
              + " first.")
  private @Nullable Path stateFile;

  @Option(
      names = "--from-now",
      fallbackValue = "true",
      description = "With --to -: print what changes from now on, and not what exists already.")
  private boolean fromNow;

  /** A relay that was not started. */
  record Opened(Relay<?> relay, PositionFile position) implements AutoCloseable {
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
  Opened open(Consumer<IOException> broken) throws CommandFailure {
    Source<Operation> source = source();
    if (!to.equals(STANDARD_OUTPUT)) {
      requireNoLineOptions();
      return new Opened(new Relay<>(source, sink(), shown(to)), PositionFile.open(null));
    }
    PositionFile position = PositionFile.open(stateFile, "position of a relay", KeptPosition::parse);
    Sink<Operation> sink =
        new LineSink(
            new FileOutputStream(FileDescriptor.out), new Kept(position), fromNow, broken);
    return new Opened(new Relay<>(source, sink, "standard output"), position);
  }

  private void requireNoLineOptions() {
    if (stateFile != null || fromNow) {
      String option = fromNow ? "--from-now" : "--state-file";
      throw new ParameterException(
          command.commandLine(),
          option + " is for --to - alone: " + shown(to) + " keeps the position itself");
    }
  }

  /** Both ends, in words and without passwords. */
  String shown() {
    return shown(from) + " to " + (to.equals(STANDARD_OUTPUT) ? "standard output" : shown(to));
  }

  private static String shown(String uri) {
    return Endpoint.shown(uri);
  }

  private Set<String> scope() {
    return SyncCommand.lowerCase(types);
  }

  private Source<Operation> source() {
    Endpoint endpoint = endpoint("--from", from, resolved("--from-password", fromPassword, fromPasswordFile));
    return new OplogEnd(endpoint, endpoint).source(new Filter(scope(), Set.of()));
  }

  private Sink<Operation> sink() {
    Endpoint stream = endpoint("--to", to, resolved("--to-password", toPassword, toPasswordFile));
    Endpoint ingest =
        endpoint(
            "--to",
            to,
            resolved("--to-ingest-password", toIngestPassword, toIngestPasswordFile));
    return new OplogEnd(stream, ingest).sink(scope(), Optional.ofNullable(maxDeletes));
  }

  private @Nullable String resolved(String option, @Nullable String given, @Nullable Path file) {
    CommandSpec whole = command.commandLine().getCommandSpec();
    return PasswordOption.resolve(whole, option, given, file);
  }

  private Endpoint endpoint(String option, String uri, @Nullable String password) {
    try {
      Endpoint endpoint = Endpoint.of(uri);
      return password == null ? endpoint : endpoint.withPassword(password);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          command.commandLine(), e.getMessage(), e, command.findOption(option), shown(uri));
    }
  }

  /** The position of a source in a file. */
  private record KeptPosition(String source, String position) {
    private static final int PARTS = 2;

    static KeptPosition parse(String text) {
      String[] parts = text.split(" ", -1);
      if (parts.length != PARTS) {
        throw new IllegalArgumentException("not a position of a relay");
      }
      return new KeptPosition(parts[0], parts[1]);
    }

    @Override
    public String toString() {
      return source + " " + position;
    }
  }

  /** What a file keeps, and what was reached since it was read. */
  private static final class Kept implements LinePositions {
    private final PositionFile file;
    private Optional<KeptPosition> kept;

    Kept(PositionFile file) {
      this.file = file;
      this.kept = Optional.of(file.saved()).filter(text -> !text.isEmpty()).map(KeptPosition::parse);
    }

    @Override
    public Optional<String> of(String source) {
      return kept.filter(one -> one.source().equals(source)).map(KeptPosition::position);
    }

    @Override
    public void reached(String source, String position) throws IOException {
      KeptPosition reached = new KeptPosition(source, position);
      kept = Optional.of(reached);
      file.reached(reached.toString());
    }
  }
}
