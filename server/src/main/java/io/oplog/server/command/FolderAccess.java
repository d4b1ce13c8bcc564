package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.core.store.Retention;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.server.OplogServer;
import io.oplog.server.ServerOptions;
import io.oplog.server.http.HttpOptions;
import io.oplog.server.udp.UdpOptions;
import io.oplog.store.rocksdb.RocksOptions;
import io.oplog.store.rocksdb.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A server on a data folder whose own does not run, for one command: on a port of the loopback that
 * nobody knows, with a password that nobody else has. It drops nothing that is old, since it is not
 * told how much is to be kept.
 */
final class FolderAccess implements AutoCloseable {
  private static final int PASSWORD_BYTES = 16;

  private final Store store;
  private final OplogServer server;
  private final Endpoint endpoint;

  private FolderAccess(Store store, OplogServer server, Endpoint endpoint) {
    this.store = store;
    this.server = server;
    this.endpoint = endpoint;
  }

  /**
   * Opens the folder.
   *
   * @throws CommandFailure when it is not there: one that is made here would hide a wrong name
   * @throws StoreException when it is in use, damaged or somebody else's
   */
  static FolderAccess open(Path folder) throws CommandFailure, StoreException, IOException {
    if (!Files.isDirectory(folder)) {
      throw new CommandFailure(ExitCode.NO_INPUT, "there is no data folder " + folder);
    }
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    Store store = RocksStore.open(folder, RocksOptions.defaults().withRetention(Retention.FOREVER));
    try {
      return open(store);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static FolderAccess open(Store store) throws IOException {
    String password = password();
    OplogServer server =
        OplogServer.start(
            ServerOptions.defaults()
                .withAddress("127.0.0.1", 0)
                .withHttp(HttpOptions.defaults().withPasswords(password, password))
                .withUdp(UdpOptions.defaults().withEnabled(false)),
            store);
    String url = "http://127.0.0.1:" + server.port();
    return new FolderAccess(store, server, Endpoint.of(url).withPassword(password));
  }

  private static String password() {
    byte[] bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  @Override
  public void close() throws StoreException {
    try {
      server.close();
    } finally {
      store.close();
    }
  }
}
