package io.oplog.server;

import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.util.function.UnaryOperator;

/** A real server on a free port of the loopback, over a store in memory. */
final class TestServer implements AutoCloseable {
  private final OplogServer server;
  private final Store store;

  private TestServer(OplogServer server, Store store) {
    this.server = server;
    this.store = store;
  }

  static TestServer start() throws IOException {
    return start(options -> options);
  }

  static TestServer start(UnaryOperator<ServerOptions> change) throws IOException {
    return start(new MemoryStore(), change);
  }

  static TestServer start(Store store, UnaryOperator<ServerOptions> change) throws IOException {
    ServerOptions options = ServerOptions.defaults().withAddress("127.0.0.1", 0).withEventLoops(2);
    return new TestServer(OplogServer.start(change.apply(options), store), store);
  }

  OplogServer server() {
    return server;
  }

  Store store() {
    return store;
  }

  int port() {
    return server.port();
  }

  RawClient client() throws IOException {
    return new RawClient(server.port());
  }

  /** Sends one request on a connection of its own. */
  RawClient.Response exchange(String request) throws IOException {
    try (RawClient client = client()) {
      client.send(request);
      return client.response();
    }
  }

  /** Stores operations and gives the id of the last one. */
  String post(String json) throws IOException {
    RawClient.Response response = exchange(RawClient.post(json));
    if (response.status() != 204) {
      throw new IOException("not stored: " + response);
    }
    return response.header("oplog-event-id");
  }

  /** Opens a stream and reads its head. */
  RawClient stream(String target, String... headers) throws IOException {
    RawClient client = client();
    client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + String.join("", headers) + "\r\n");
    RawClient.Response head = client.head();
    if (head.status() != 200) {
      throw new IOException("no stream: " + head);
    }
    return client;
  }

  @Override
  public void close() {
    server.close();
    try {
      store.close();
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
  }
}
