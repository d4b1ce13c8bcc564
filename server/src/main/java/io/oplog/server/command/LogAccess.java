package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of a command that needs a log: a server that runs, or the folder of one that does
 * not.
 */
final class LogAccess implements AutoCloseable {
  @Mixin private ServerAccess server;

  @Option(
      names = "--offline",
      paramLabel = "FOLDER",
      description =
          "Work on the log in this data folder, whose server does not run, instead of talking to the"
              + " one at --url.")
  private @Nullable Path offline;

  private @Nullable FolderAccess folder;

  ServerAccess server() {
    return server;
  }

  /**
   * Where to talk to.
   *
   * @param secret the password of a server that runs
   */
  Endpoint endpoint(@Nullable String secret) throws CommandFailure, StoreException, IOException {
    if (offline != null) {
      return folder(offline).endpoint();
    }
    return secret == null ? server.endpoint() : server.endpoint().withPassword(secret);
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
