package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static io.oplog.server.RawClient.post;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.engine.EngineOptions;
import io.oplog.server.RawClient.Response;
import io.oplog.server.http.HttpLimits;
import io.oplog.server.http.HttpOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What clients may ask of the server, and what becomes of those who ask for more. */
class LimitsTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";
  private static final String HEAD = "POST / HTTP/1.1\r\nContent-Type: application/json\r\n";
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(60);

  private static TestServer start(HttpLimits limits) throws IOException {
    return TestServer.start(options -> options.withHttp(HttpOptions.defaults().withLimits(limits)));
  }

  private static HttpLimits sizes(int connections, int body, long buffered, int pipelined) {
    return new HttpLimits(
        connections, 2000, 1000, body, buffered, pipelined, LONG, LONG, LONG, LONG, SHORT);
  }

  private static HttpLimits times(Duration head, Duration body, Duration idle) {
    return new HttpLimits(100, 2000, 1000, 8 << 20, 64 << 20, 100, head, body, idle, LONG, SHORT);
  }

  private static void assertServes(TestServer server) throws IOException {
    assertThat(server.exchange(post(ONE)).status()).isEqualTo(204);
  }

  // ---- sizes ----

  @Test
  void anOversizedRequestLineIs414() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10))) {
      String target = "/?types=" + "v".repeat(3000);
      assertThat(server.exchange(get(target)).status()).isEqualTo(414);
      assertServes(server);
    }
  }

  @Test
  void anOversizedHeadIs431() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10))) {
      String header = "X-Filler: " + "f".repeat(2000) + "\r\n";
      assertThat(server.exchange("GET / HTTP/1.1\r\n" + header + "\r\n").status()).isEqualTo(431);
      assertServes(server);
    }
  }

  @Test
  void manySmallHeadersAre431Too() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10))) {
      String headers = "X: y\r\n".repeat(1000);
      assertThat(server.exchange("GET / HTTP/1.1\r\n" + headers + "\r\n").status()).isEqualTo(431);
    }
  }

  @Test
  void aBodyAnnouncedTooLargeIs413BeforeItIsSent() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10));
        RawClient client = server.client()) {
      client.send(
          "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(413);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void aBodyAnnouncedTooLargeIsNotToldToContinue() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10));
        RawClient client = server.client()) {
      client.send(HEAD + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(413);
    }
  }

  @Test
  void aBodyInChunksThatGrowsTooLargeIs413() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10));
        RawClient client = server.client()) {
      String chunk = "200\r\n" + " ".repeat(512) + "\r\n";
      client.send(
          "POST / HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
              + chunk.repeat(3));
      assertThat(client.response().status()).isEqualTo(413);
      assertServes(server);
    }
  }

  @Test
  void theClientThatSendsOnReadsItsRefusalAllTheSame() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10));
        RawClient client = server.client()) {
      client.send(post("application/json", " ".repeat(400_000), ""));
      assertThat(client.response().status()).isEqualTo(413);
    }
  }

  @Test
  void theBytesOfAllHalfReadBodiesAreBounded() throws IOException {
    try (TestServer server = start(sizes(100, 100_000, 40_000, 10));
        RawClient first = server.client()) {
      String half =
          "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 30000\r\n\r\n"
              + " ".repeat(20_000);
      first.send(half);
      Awaitility.await()
          .untilAsserted(() -> {
            try (RawClient second = server.client()) {
              second.send(half);
              second.send(" ".repeat(9_999));
              second.send(" ");
              assertThat(second.response().status()).isEqualTo(429);
            }
          });
      first.send(" ".repeat(10_000));
      assertThat(first.response().status()).isEqualTo(400);
      Response whole = server.exchange(post("application/json", " ".repeat(30_000) + ONE, ""));
      assertThat(whole.status()).isEqualTo(204);
    }
  }

  @Test
  void aFullQueueIs429WithRetryAfter() throws IOException {
    try (TestServer server =
        TestServer.start(
            new HeldStore(),
            options -> options.withEngine(EngineOptions.defaults().withQueue(2, 1 << 20)))) {
      try (RawClient first = server.client();
          RawClient second = server.client()) {
        first.send(post(ONE));
        second.send(post(ONE));
        Awaitility.await().until(() -> server.server().snapshot().ingest().queued() == 2);
        Response refused = server.exchange(post(ONE));
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(server.server().snapshot().ingest().received()).isEqualTo(2);
        HeldStore.release(server);
        assertThat(first.response().status()).isEqualTo(204);
        assertThat(second.response().status()).isEqualTo(204);
      }
    }
  }

  // ---- connections ----

  @Test
  void moreConnectionsThanAllowedAreTurnedAway() throws IOException {
    try (TestServer server = start(sizes(3, 1000, 10_000, 10))) {
      List<RawClient> open = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        open.add(server.stream("/"));
      }
      try (RawClient refused = server.client()) {
        refused.send(get("/"));
        Response response = refused.response();
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("retry-after")).isNotEmpty();
        assertThat(refused.atEnd()).isTrue();
      }
      open.removeFirst().close();
      Awaitility.await().until(() -> server.server().snapshot().http().open() == 2);
      assertServes(server);
      assertThat(server.server().snapshot().http().refused()).isEqualTo(1);
      for (RawClient client : open) {
        client.close();
      }
    }
  }

  @Test
  void aFloodOfPipelinedRequestsIsAnsweredWhole() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 4));
        RawClient client = server.client()) {
      Thread sender =
          Thread.startVirtualThread(() -> {
            try {
              for (int i = 0; i < 2000; i++) {
                client.send(post(ONE));
              }
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      for (int i = 0; i < 2000; i++) {
        assertThat(client.response().status()).isEqualTo(204);
      }
      assertThat(sender.isAlive()).isFalse();
    }
  }

  // ---- time ----

  @Test
  void aSlowHeadIs408() throws IOException {
    try (TestServer server = start(times(SHORT, LONG, LONG));
        RawClient client = server.client()) {
      client.send("GET / HT");
      assertThat(client.response().status()).isEqualTo(408);
      assertThat(client.atEnd()).isTrue();
    }
  }

  /** Slow loris: a byte now and then must not keep a connection for ever. */
  @Test
  void aHeadThatTricklesIs408() throws Exception {
    int endless = 1 << 30;
    HttpLimits patient =
        new HttpLimits(100, 2000, endless, 1000, 10_000, 100, SHORT, LONG, LONG, LONG, SHORT);
    try (TestServer server = start(patient);
        RawClient client = server.client()) {
      client.send("GET / HTTP/1.1\r\n");
      AtomicBoolean answered = new AtomicBoolean();
      Thread trickle = Thread.startVirtualThread(() -> trickle(server, client, answered));
      assertThat(client.response().status()).isEqualTo(408);
      answered.set(true);
      trickle.join();
    }
  }

  /** A header line again and again, each once the server has had the time to read the last. */
  private static void trickle(TestServer server, RawClient client, AtomicBoolean answered) {
    try {
      while (!answered.get()) {
        client.send("X: y\r\n");
        server.exchange(get("/healthz"));
      }
    } catch (IOException e) {
      // the server has had enough
    }
  }

  @Test
  void aSlowBodyIs408() throws IOException {
    try (TestServer server = start(times(LONG, SHORT, LONG));
        RawClient client = server.client()) {
      client.send(
          "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
      assertThat(client.response().status()).isEqualTo(408);
      assertThat(client.atEnd()).isTrue();
    }
  }

  /** What was asked before is answered first, however long that takes. */
  @Test
  void the408OfASlowBodyWaitsForTheAnswersBeforeIt() throws IOException {
    try (TestServer server =
            TestServer.start(
                new HeldStore(),
                options ->
                    options
                        .withEventLoops(1)
                        .withHttp(HttpOptions.defaults().withLimits(times(SHORT, SHORT, LONG))));
        RawClient client = server.client()) {
      client.send(post(ONE) + HEAD + "Content-Length: 100\r\n\r\n{");
      for (int i = 0; i < 3; i++) {
        try (RawClient silent = server.client()) {
          assertThat(silent.atEnd()).isTrue(); // so as much time has passed
        }
      }
      HeldStore.release(server);
      assertThat(client.response().status()).isEqualTo(204);
      assertThat(client.response().status()).isEqualTo(408);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void anIdleConnectionIsClosed() throws IOException {
    try (TestServer server = start(times(LONG, LONG, SHORT));
        RawClient client = server.client()) {
      client.send(post(ONE));
      assertThat(client.response().status()).isEqualTo(204);
      assertThat(client.atEnd()).isTrue();
      Awaitility.await().until(() -> server.server().snapshot().http().open() == 0);
    }
  }

  @Test
  void aConnectionThatNeverSpeaksIsClosedWithoutAWord() throws IOException {
    try (TestServer server = start(times(SHORT, LONG, LONG));
        RawClient client = server.client()) {
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void aStreamIsNotIdle() throws IOException {
    try (TestServer server = start(times(SHORT, SHORT, SHORT));
        RawClient stream = server.stream("/");
        RawClient idle = server.client()) {
      assertThat(idle.atEnd()).isTrue();
      String id = server.post(ONE);
      assertThat(stream.event().id()).isEqualTo(id);
    }
  }

  /** A producer that waits for a slow store is not a slow client. */
  @Test
  void waitingForTheStoreIsNotIdle() throws IOException {
    try (TestServer server =
            TestServer.start(
                new HeldStore(),
                options ->
                    options.withHttp(
                        HttpOptions.defaults().withLimits(times(SHORT, SHORT, SHORT))));
        RawClient client = server.client()) {
      client.send(post(ONE));
      try (RawClient idle = server.client()) {
        assertThat(idle.atEnd()).isTrue();
      }
      HeldStore.release(server);
      assertThat(client.response().status()).isEqualTo(204);
    }
  }
}
