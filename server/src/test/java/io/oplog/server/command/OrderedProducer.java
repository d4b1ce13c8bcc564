package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import io.oplog.client.IngestClient;
import io.oplog.client.RetryPolicy;
import io.oplog.client.SourceStep;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/** Sends one operation after the other, {@code x0}, {@code x1}, each until it is acknowledged. */
final class OrderedProducer {
  private final IngestClient ingest;
  private final CompletableFuture<Integer> sent;
  private volatile int acknowledged;
  private volatile boolean stopped;

  /** Begins at once. */
  OrderedProducer(int port) {
    RetryPolicy quick =
        new RetryPolicy(Duration.ofMillis(50), Duration.ofMillis(200), Duration.ZERO);
    ingest =
        new IngestClient(Endpoint.of("http://127.0.0.1:" + port), quick, ConnectionListener.SILENT);
    sent =
        CompletableFuture.supplyAsync(
            this::run, Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory()));
  }

  /** A line. */
  static String operation(String id) {
    return "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"" + id + "\"}\n";
  }

  private int run() {
    int next = 0;
    try {
      while (!stopped) {
        Optional<String> from = next == 0 ? Optional.empty() : Optional.of("" + (next - 1));
        SourceStep step = new SourceStep("producer", from, "" + next);
        assertThat(ingest.publish(operation("x" + next).getBytes(UTF_8), Optional.of(step)))
            .isInstanceOf(IngestClient.Stored.class);
        next++;
        acknowledged = next;
      }
      return next;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  int acknowledged() {
    return acknowledged;
  }

  void awaitMore(int than, int more) {
    OplogProcess.await(() -> acknowledged >= than + more);
  }

  /** Ends it; how many were sent. */
  int stop() {
    stopped = true;
    return sent.join();
  }
}
