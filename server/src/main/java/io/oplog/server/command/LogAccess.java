package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.client.IngestClient;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.client.sync.RemoteLog;
import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of a command that needs a log: a server that runs, or the folder of one that does
 * not.
 */
final class LogAccess implements AutoCloseable {
  @Mixin private ServerAccess server;
  @Mixin private StreamAccess stream;

  @Option(
      names = "--offline",
      paramLabel = "FOLDER",
      description =
          "Work on the log in this data folder, whose server does not run, instead of talking to the"
              + " one at --url.")
  private @Nullable Path offline;

  @Option(
      names = "--retry-for",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "Give up when there is no answer for so long; 0 for never (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "36500d")
  private Duration retryFor;

  private @Nullable FolderAccess folder;

  ServerAccess server() {
    return server;
  }

  Duration silence() {
    return stream.silence();
  }

  /**
   * The log.
   *
   * @param ingestPassword the password for writing to a server that runs; null is none
   */
  RemoteLog log(@Nullable String ingestPassword)
      throws CommandFailure, StoreException, IOException {
    RetryPolicy retry = RetryPolicy.BRIEF.givingUpAfter(retryFor);
    Endpoint reading = endpoint(stream.password());
    Endpoint writing = endpoint(ingestPassword);
    return new RemoteLog(
        new StreamClient(reading, retry, stream.silence(), server.listener()),
        new IngestClient(writing, retry, server.listener()),
        retryFor);
  }

  private Endpoint endpoint(@Nullable String password)
      throws CommandFailure, StoreException, IOException {
    return offline == null ? server.endpoint(password) : folder(offline).endpoint();
  }

  private FolderAccess folder(Path path) throws CommandFailure, StoreException, IOException {
    FolderAccess opened = folder == null ? FolderAccess.open(path) : folder;
    folder = opened;
    return opened;
  }

  @Override
  public void close() throws StoreException {
    if (folder != null) {
      folder.close();
    }
  }
}
