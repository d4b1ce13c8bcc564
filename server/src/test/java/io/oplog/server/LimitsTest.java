package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static io.oplog.server.RawClient.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
  private static final String HEAD =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(60);

  private static TestServer start(HttpLimits limits) throws IOException {
    return TestServer.start(options -> options.withHttp(HttpOptions.defaults().withLimits(limits)));
  }

  private static HttpLimits sizes(int connections, int body, long buffered, int pipelined) {
    return new HttpLimits(
        connections, 2000, 1000, body, buffered, 1 << 20, pipelined, LONG, LONG, LONG, LONG, SHORT);
  }

  private static HttpLimits times(Duration head, Duration body, Duration idle) {
    return new HttpLimits(
        100, 2000, 1000, 8 << 20, 64 << 20, 1 << 20, 100, head, body, idle, LONG, SHORT);
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
      assertThat(server.exchange("GET / HTTP/1.1\r\nHost: x\r\n" + header + "\r\n").status())
          .isEqualTo(431);
      assertServes(server);
    }
  }

  @Test
  void manySmallHeadersAre431Too() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10))) {
      String headers = "X: y\r\n".repeat(1000);
      assertThat(server.exchange("GET / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n").status())
          .isEqualTo(431);
    }
  }

  @Test
  void aBodyAnnouncedTooLargeIs413BeforeItIsSent() throws IOException {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10));
        RawClient client = server.client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n");
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
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
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
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30000\r\n\r\n"
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
  void whatIsBeingStoredTakesRoomInTheQueue() throws IOException {
    try (TestServer server =
        TestServer.start(
            new HeldStore(),
            options -> options.withEngine(EngineOptions.defaults().withQueue(1000, 600)))) {
      try (RawClient first = server.client()) {
        first.send(post(ONE));
        HeldStore.awaitAppend(server);
        assertThat(server.exchange(post(ONE)).status()).isEqualTo(429);
        HeldStore.release(server);
        assertThat(first.response().status()).isEqualTo(204);
        assertServes(server);
      }
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

  /** Such as Python's urllib, which would see a reset instead of the answer. */
  @Test
  void aClientThatSendsAllBeforeItReadsGetsItsAnswer() throws IOException {
    byte[] body = new byte[10 << 20];
    try (TestServer server = start(sizes(100, 1000, 10_000, 10))) {
      for (String type : List.of("application/json", "text/plain")) {
        try (RawClient client = server.client()) {
          client.send(
              "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: "
                  + type
                  + "\r\nContent-Length: "
                  + body.length
                  + "\r\n\r\n");
          client.send(body);
          assertThat(client.response().status()).isIn(413, 415);
          assertThat(client.atEnd()).isTrue();
        }
      }
    }
  }

  @Test
  void aClientThatNeverStopsSendingIsCutOff() throws Exception {
    try (TestServer server = start(sizes(100, 1000, 10_000, 10));
        RawClient client = server.client()) {
      client.send(HEAD + "Content-Length: 1000000000000\r\n\r\n");
      assertThatThrownBy(() -> sendForEver(client)).isInstanceOf(IOException.class);
      Awaitility.await().until(() -> server.server().snapshot().http().open() == 0);
    }
  }

  private static void sendForEver(RawClient client) throws IOException {
    byte[] piece = new byte[1 << 20];
    while (true) {
      client.send(piece);
    }
  }

  /** What was read from the socket before the limit was met must wait like the rest. */
  @Test
  void noMoreRequestsAreTakenThanMayWaitForTheirAnswers() throws IOException {
    assertPipelined(client -> {});
  }

  @Test
  void aClientThatEndsItsHalfGetsAllAnswersThatItIsOwed() throws IOException {
    assertPipelined(RawClient::shutdownOutput);
  }

  private interface ClientAction {
    void on(RawClient client) throws IOException;
  }

  private static void assertPipelined(ClientAction afterSending) throws IOException {
    HttpLimits limits = sizes(100, 1000, 10_000, 4);
    try (TestServer server =
            TestServer.start(
                new HeldStore(),
                options -> options.withHttp(HttpOptions.defaults().withLimits(limits)));
        RawClient client = server.client();
        RawClient other = server.client()) {
      client.send(post(ONE).repeat(400));
      afterSending.on(client);
      Awaitility.await().until(() -> server.server().snapshot().ingest().received() >= 4);
      for (int i = 0; i < 10; i++) {
        assertThat(other.send(get("/healthz")).response().status()).isEqualTo(200);
      }
      assertThat(server.server().snapshot().ingest().received()).isEqualTo(4);
      HeldStore.release(server);
      for (int i = 0; i < 400; i++) {
        assertThat(client.response().status()).isEqualTo(204);
      }
    }
  }

  /** What a socket does not take would be held in memory, which has its bounds. */
  @Test
  void answersAreNotMadeBytesBeforeTheClientTakesThem() throws IOException {
    int many = 2000;
    try (TestServer server =
            TestServer.start(options ->
                options
                    .withEventLoops(1)
                    .withHttp(
                        HttpOptions.defaults().withLimits(sizes(100, 1000, 10_000, many + 1))));
        RawClient client = new RawClient(server.port(), 4096)) {
      client.send(get("/metrics").repeat(many));
      // the page for the other one is made after all that were asked for before
      assertThat(server.exchange(get("/metrics")).status()).isEqualTo(200);
      assertThat(server.server().snapshot().http().answers().get(200)).isLessThan((long) many);
      for (int i = 0; i < many; i++) {
        assertThat(client.response().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void filtersThatTakeTooMuchMemoryTogetherAre503() throws IOException {
    HttpLimits limits =
        new HttpLimits(100, 2000, 1000, 1000, 10_000, 1000, 10, LONG, LONG, LONG, LONG, SHORT);
    try (TestServer server = start(limits);
        RawClient all = server.stream("/")) {
      RawClient three = server.stream("/?types=a,b&parent=user/1");
      Response refused = server.exchange(get("/?types=c"));
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("retry-after")).isNotEmpty();
      String id = server.post(ONE);
      assertThat(all.event().id()).isEqualTo(id);
      three.close();
      Awaitility.await()
          .until(() -> server.exchange(get("/?types=" + "c".repeat(200))).status() == 200);
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
        new HttpLimits(100, 2000, endless, 1000, 10_000, 1000, 100, SHORT, LONG, LONG, LONG, SHORT);
    try (TestServer server = start(patient);
        RawClient client = server.client()) {
      client.send("GET / HTTP/1.1\r\nHost: x\r\n");
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
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
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

  /** Each answer begins a new time, at once or later. */
  @Test
  void aBusyConnectionIsNeverIdle() throws IOException {
    try (TestServer server =
            TestServer.start(options ->
                options
                    .withEventLoops(1)
                    .withHttp(HttpOptions.defaults().withLimits(times(SHORT, LONG, LONG))));
        RawClient client = server.client()) {
      for (int i = 0; i < 3; i++) {
        try (RawClient silent = server.client()) {
          client.send("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n");
          assertThat(client.response().status()).isEqualTo(204);
          assertThat(silent.atEnd()).isTrue(); // so as much time has passed
        }
      }
      client.send(post(ONE));
      assertThat(client.response().status()).isEqualTo(204);
    }
  }

  /** A body in a packet of its own is a part of its request, not the start of the next one. */
  @Test
  void aConnectionIsIdleAfterABodyThatCameLaterThanItsHead() throws IOException {
    try (TestServer server =
            TestServer.start(options ->
                options
                    .withEventLoops(1)
                    .withHttp(HttpOptions.defaults().withLimits(times(SHORT, LONG, LONG))));
        RawClient client = server.client()) {
      for (int i = 0; i < 3; i++) {
        client.send(HEAD + "Content-Length: " + ONE.length() + "\r\n\r\n");
        server.exchange(get("/healthz")); // so the head was read
        client.send(ONE);
        assertThat(client.response().status()).isEqualTo(204);
        try (RawClient silent = server.client()) {
          assertThat(silent.atEnd()).isTrue(); // so as much time has passed
        }
      }
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
