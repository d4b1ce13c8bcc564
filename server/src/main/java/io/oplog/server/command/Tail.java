package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.client.ReconnectingStream;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.Filter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code oplog tail}. */
@Command(
    name = "tail",
    description =
        "Prints the stream, a line for each event, and mends the connection when it breaks.",
    footer = {
      "",
      "Examples:",
      "  oplog tail                                  from now on",
      "  oplog tail --from 0 --types video           all videos that exist, then live",
      "  oplog tail --from 0 --state-file position   go on where the last run ended",
      "  oplog tail --from 0 --json --exit-at-live   all that exists, as JSON"
    })
final class Tail implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ServerAccess server;
  @Mixin private StreamAccess access;

  @Option(
      names = "--from",
      paramLabel = "POSITION",
      description =
          "Where to start when there is no state file yet: 0 for everything, an event id,"
              + " milliseconds since the epoch; from now on when absent.")
  private String from = "";

  @Option(
      names = "--types",
      paramLabel = "TYPE",
      split = ",",
      description = "Only objects of these types, with commas between them.")
  private List<String> types = List.of();

  @Option(
      names = "--parents",
      paramLabel = "PARENT",
      split = ",",
      description = "Only objects with one of these parents, with commas between them.")
  private List<String> parents = List.of();

  @Option(
      names = "--state-file",
      paramLabel = "FILE",
      description = "Keeps the position of the last line that was printed; later runs go on there.")
  private @Nullable Path stateFile;

  @Option(names = "--json", fallbackValue = "true", description = "Print JSON lines.")
  private boolean json;

  @Option(names = "--count", paramLabel = "N", description = "End after so many operations.")
  @Within(least = "1", most = "1000000000000")
  private @Nullable Long count;

  @Option(
      names = "--exit-at-live",
      fallbackValue = "true",
      description = "End when everything up to now was printed; needs a position to start from.")
  private boolean exitAtLive;

  @Option(
      names = "--retry-for",
      paramLabel = "TIME",
      defaultValue = "0",
      description =
          "Give up when there is no connection for so long; 0 for never (default:"
              + " ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "36500d")
  private Duration retryFor;

  @Override
  public Integer call() throws Exception {
    try (StopSignal stop = new StopSignal();
        PositionFile position = PositionFile.open(stateFile);
        ReconnectingStream stream = client().reconnecting(filter(), start(position))) {
      stop.onSignal(stream::close);
      OutputStream out = new FileOutputStream(FileDescriptor.out);
      new EventPrinter(stream, json ? LineFormat.JSON : LineFormat.TEXT, out, position)
          .run(count == null ? 0 : count, exitAtLive);
      return ExitCode.OK;
    }
  }

  private StreamClient client() {
    RetryPolicy retry = RetryPolicy.FOREVER.givingUpAfter(retryFor);
    Endpoint endpoint = server.endpoint(access.password());
    return new StreamClient(endpoint, retry, access.silence(), server.listener());
  }

  private Filter filter() {
    return new Filter(
        words(types).collect(Collectors.toSet()), words(parents).collect(Collectors.toSet()));
  }

  private static Stream<String> words(List<String> list) {
    return list.stream().filter(word -> !word.isEmpty());
  }

  private String start(PositionFile position) {
    String start = position.saved().isEmpty() ? from : position.saved();
    try {
      Cursor.parse(start);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage(), "--from", start);
    }
    if (exitAtLive && start.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--exit-at-live needs --from");
    }
    return start;
  }

  private ParameterException wrong(@Nullable String message, String option, String value) {
    return new ParameterException(spec.commandLine(), message, spec.findOption(option), value);
  }
}
