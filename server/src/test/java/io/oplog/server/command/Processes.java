package io.oplog.server.command;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The processes of one test, which it may kill; those that are left are killed at its end. */
final class Processes implements AutoCloseable {
  private final Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<OplogProcess> started = new ArrayList<>();

  /**
   * @param folder for data and output
   */
  Processes(Path folder) {
    this.folder = folder;
  }

  /** A server that listens already. */
  OplogProcess server(String data, int port) throws IOException {
    OplogProcess server =
        OplogProcess.serving(
                folder, "--data", folder.resolve(data).toString(), "--listen", "127.0.0.1:" + port)
            .start();
    started.add(server);
    server.awaitListening();
    return server;
  }

  /** A relay, perhaps before it has begun. */
  OplogProcess relay(String from, String to, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("relay"));
    all.addAll(List.of(options));
    OplogProcess relay =
        OplogProcess.command(folder, all.toArray(String[]::new))
            .with(Map.of("OPLOG_FROM", from, "OPLOG_TO", to))
            .start();
    started.add(relay);
    return relay;
  }

  /** A relay with pages, which listens already. */
  OplogProcess listening(String from, String to, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--listen", "127.0.0.1:0"));
    OplogProcess relay = relay(from, to, all.toArray(String[]::new));
    relay.awaitListeningOnError();
    return relay;
  }

  /** Waits until everything that the source has told is at the other end. */
  void awaitUpToDate(OplogProcess relay) {
    OplogProcess.await(() -> page(relay, "/status").body().contains("\"backlog\":0,"));
  }

  /** A page of a relay. */
  HttpResponse<String> page(OplogProcess relay, String path) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(relay.urlOnError() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.close();
    started.reversed().forEach(OplogProcess::close);
  }
}
