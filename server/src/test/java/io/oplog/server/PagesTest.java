package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.StoreException;
import io.oplog.server.RawClient.Response;
import io.oplog.server.http.HttpOptions;
import io.oplog.server.metrics.Metric;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** {@code /status}, {@code /healthz}, {@code /readyz} and {@code /metrics}. */
class PagesTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";
  private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\":(-?\\d+)");

  private static Map<String, Long> numbers(String json) {
    Map<String, Long> numbers = new TreeMap<>();
    Matcher matcher = NUMBER.matcher(json);
    while (matcher.find()) {
      numbers.put(matcher.group(1), Long.valueOf(matcher.group(2)));
    }
    return numbers;
  }

  @Test
  void aPageThatTheStoreCannotReadIsCounted() throws IOException {
    HeldStore store = new HeldStore();
    try (TestServer broken = TestServer.start(store, options -> options)) {
      store.fail(new StoreException.Damaged("a file is damaged", null));
      try (RawClient stream = broken.stream("/", "Last-Event-ID: 0\r\n")) {
        assertThat(stream.rest()).doesNotContain("event: live");
      }
      assertThat(broken.exchange(get("/metrics")).body())
          .contains("oplog_store_reads_failed_total 1.0");
      assertThat(broken.exchange(get("/status")).body()).contains("\"store_reads_failed\":1");
      Response ready = broken.exchange(get("/readyz"));
      assertThat(ready.status()).isEqualTo(503);
      assertThat(ready.body()).contains("the store: a file is damaged");
    }
  }

  @Test
  void theReasonsOfResetsAlwaysStandInOneOrder() throws IOException {
    try (TestServer server = TestServer.start()) {
      assertThat(server.exchange(get("/status")).body())
          .contains(
              "\"resets\":{\"requested\":0,\"incarnation\":0,\"lost-history\":0,"
                  + "\"deletes-dropped\":0}");
    }
  }

  @Test
  void theStatusPageHoldsWhatTheOriginalsHeld() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient stream = server.stream("/")) {
      String id = server.post("[" + ONE + "," + ONE + "]");
      stream.event();
      stream.event();
      Awaitility.await().until(() -> server.server().snapshot().http().open() == 1);
      Response response = server.exchange(get("/status"));
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("content-type")).isEqualTo("application/json");
      assertThat(response.header("cache-control")).isEqualTo("no-store");
      assertThat(response.body()).contains("\"status\":\"OK\"", "\"head_id\":\"" + id + "\"");
      assertThat(numbers(response.body()))
          .containsEntry("clients", 1L)
          .containsEntry("connections", 2L)
          .containsEntry("events_received", 2L)
          .containsEntry("events_sent", 2L)
          .containsEntry("events_ingested", 2L)
          .containsEntry("events_error", 0L)
          .containsEntry("events_discarded", 0L)
          .containsEntry("queue_size", 0L)
          .containsEntry("head", 2L)
          .containsEntry("first", 1L)
          .containsKeys("queue_max_size", "folded", "lag", "uptime_seconds", "incarnation");
    }
  }

  @Test
  void everyMetricIsThereUnderItsName() throws IOException {
    try (TestServer server = TestServer.start()) {
      server.post(ONE);
      Response response = server.exchange(get("/metrics"));
      assertThat(response.header("content-type")).startsWith("text/plain; version=0.0.4");
      assertThat(
              response
                  .body()
                  .lines()
                  .filter(line -> line.startsWith("# TYPE "))
                  .map(line -> line.split(" ", -1)[2]))
          .containsExactlyInAnyOrderElementsOf(
              Arrays.stream(Metric.values())
                  .filter(metric -> !metric.help().matches("(With|Of a relay).*"))
                  .map(Metric::exposedName)
                  .toList());
    }
  }

  @Test
  void theMetricsSatisfyTheirEquation() throws IOException {
    try (TestServer server = TestServer.start()) {
      server.post("[" + ONE + "," + ONE + "]");
      server.exchange(RawClient.post("nonsense"));
      String page = server.exchange(get("/metrics")).body();
      assertThat(page)
          .contains(
              "oplog_operations_received_total 3.0",
              "oplog_operations_ingested_total 2.0",
              "oplog_operations_error_total 1.0",
              "oplog_operations_discarded_total{cause=\"queue_full\"} 0.0",
              "oplog_operations_queued 0.0",
              "oplog_http_answers_total{status=\"204\"} 1.0",
              "oplog_http_answers_total{status=\"400\"} 1.0",
              "oplog_ready 1.0");
    }
  }

  @Test
  void noPageHoldsASecret() throws IOException {
    try (TestServer server =
        TestServer.start(options ->
            options.withHttp(HttpOptions.defaults().withPasswords("s3cret", "s3cret2")))) {
      for (String path : new String[] {"/status", "/metrics", "/readyz", "/healthz"}) {
        assertThat(server.exchange(get(path)).body()).doesNotContain("s3cret");
      }
    }
  }

  @Test
  void optionsAsTextHoldNoSecret() {
    ServerOptions options =
        ServerOptions.defaults()
            .withHttp(HttpOptions.defaults().withPasswords("s3cret", "s3cret2"));
    assertThat(options.toString()).doesNotContain("s3cret");
  }

  @Test
  void aServerThatCanWorkIsReady() throws IOException {
    try (TestServer server = TestServer.start()) {
      assertThat(server.exchange(get("/healthz")).body()).isEqualTo("alive\n");
      assertThat(server.exchange(get("/readyz")).body()).isEqualTo("ready\n");
      assertThat(server.server().check()).isEmpty();
    }
  }

  @Test
  void aStoreThatIsDownIsSaidAndReadersGoOn() throws IOException {
    HeldStore store = new HeldStore();
    store.release();
    try (TestServer server = TestServer.start(store, options -> options)) {
      String id = server.post(ONE);
      store.fail(new StoreException.Unavailable("the disk is full", new IOException("full")));
      Response refused = server.exchange(RawClient.post(ONE));
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isNotEmpty();
      Awaitility.await()
          .untilAsserted(() -> {
            Response ready = server.exchange(get("/readyz"));
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.body()).contains("the disk is full");
          });
      assertThat(server.exchange(get("/status")).body()).contains("\"status\":\"NOT READY\"");
      assertThat(server.exchange(get("/healthz")).status()).isEqualTo(200);
      try (RawClient stream = server.stream("/", "Last-Event-ID: 0\r\n")) {
        assertThat(stream.event().event()).isEqualTo("reset");
        assertThat(stream.event().id().substring(12)).isEqualTo(id.substring(12));
      }
      store.fail(null);
      server.post(ONE);
    }
  }
}
