package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.engine.EngineOptions;
import io.oplog.core.engine.StreamTimes;
import io.oplog.core.store.StoreException;
import io.oplog.server.RawClient.Event;
import io.oplog.server.RawClient.Response;
import io.oplog.server.net.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams as consumers see them. What the engine decides is tested there. */
class StreamTest {
  private static String operation(int number) {
    return operation(number, "");
  }

  private static String operation(int number, String filler) {
    return "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x"
        + number
        + "\",\"parents\":[\"user/"
        + filler
        + "\"]}";
  }

  private static TestServer start(Transport transport) throws IOException {
    return TestServer.start(options -> options.withTransport(transport));
  }

  private static void awaitClients(TestServer server, int count) {
    Awaitility.await().until(() -> server.server().snapshot().engine().clients() == count);
  }

  private static void awaitConnections(TestServer server, int count) {
    Awaitility.await().until(() -> server.server().snapshot().http().open() == count);
  }

  @Test
  void theHeadSaysHowToTreatTheStream() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient client = server.client()) {
      client.send(get("/ops"));
      Response head = client.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("content-type")).isEqualTo("text/event-stream; charset=utf-8");
      assertThat(head.header("cache-control")).isEqualTo("no-cache, no-store, must-revalidate");
      assertThat(head.header("x-accel-buffering")).isEqualTo("no");
      assertThat(head.header("access-control-allow-origin")).isEqualTo("*");
      assertThat(head.has("content-length")).isFalse();
      assertThat(head.has("transfer-encoding")).isFalse();
    }
  }

  /** The original's consumer takes an answer without it for one that does not resume. */
  @ParameterizedTest
  @ValueSource(
      strings = {"0", "1415271879041", "000000000000000000000000", "6920c0de0001000000000a2f"})
  void theLastEventIdIsSentBack(String id) throws IOException {
    try (TestServer server = TestServer.start();
        RawClient client = server.client();
        RawClient without = server.client()) {
      client.send("GET /ops HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + id + "\r\n\r\n");
      Response head = client.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("last-event-id")).isEqualTo(id);
      without.send(get("/ops"));
      assertThat(without.head().has("last-event-id")).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void operationsArriveInOrderOnEachTransport(Transport transport) throws IOException {
    try (TestServer server = start(transport);
        RawClient stream = server.stream("/")) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        ids.add(server.post(operation(i)));
      }
      for (String id : ids) {
        assertThat(stream.event().id()).isEqualTo(id);
      }
    }
  }

  /** From the moment the head is sent, nothing may be missed, however fast the producer is. */
  @Test
  void whoHasSeenTheHeadMissesNothing() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient producer = server.client()) {
      for (int i = 0; i < 200; i++) {
        try (RawClient stream = server.stream("/")) {
          producer.send(RawClient.post(operation(i)));
          String id = producer.response().header("oplog-event-id");
          assertThat(stream.event().id()).isEqualTo(id);
        }
      }
    }
  }

  @Test
  void theProgressEventFollowsTheHeadAtOnce() throws IOException {
    try (TestServer server = TestServer.start()) {
      String id = server.post(operation(1));
      try (RawClient stream = server.stream("/?progress=1")) {
        assertThat(stream.event()).isEqualTo(new Event(id, "progress", "{}"));
      }
    }
  }

  @Test
  void aReplicationFromZeroBringsTombstonesToWhoAsksForThem() throws IOException {
    try (TestServer server = TestServer.start()) {
      server.post("{\"event\":\"delete\",\"type\":\"video\",\"id\":\"gone\"}");
      String id = server.post(operation(1));
      Awaitility.await().until(() -> server.store().bounds().folded() == 2);
      try (RawClient stream = server.stream("/?tombstones=1", "Last-Event-ID: 0\r\n")) {
        assertThat(stream.event().event()).isEqualTo("reset");
        Event gone = stream.event();
        assertThat(gone.event()).isEqualTo("delete");
        assertThat(gone.data()).contains("\"id\":\"gone\"");
        assertThat(stream.event().data()).contains("\"id\":\"x1\"");
        assertThat(stream.event()).isEqualTo(new Event(id, "live", "{}"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aReplicationFromZeroBeginsWithAReset(Transport transport) throws IOException {
    try (TestServer server = start(transport)) {
      server.post(operation(1));
      try (RawClient stream = server.stream("/", "Last-Event-ID: 0\r\n")) {
        assertThat(stream.event().event()).isEqualTo("reset");
        assertThat(stream.event().data()).contains("\"id\":\"x1\"");
        assertThat(stream.event().event()).isEqualTo("live");
      }
    }
  }

  @Test
  void filtersOfTheQueryAreApplied() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient types = server.stream("/?types=USER,%C3%A9");
        RawClient parent = server.stream("/?parent=user%2Fa%2Cb")) {
      server.post(operation(1));
      server.post(operation(2, "a,b"));
      server.post(operation(3).replace("video", "user"));
      server.post(operation(4).replace("video", "é"));
      assertThat(types.event().data()).contains("\"id\":\"x3\"");
      assertThat(types.event().data()).contains("\"id\":\"x4\"");
      assertThat(parent.event().data()).contains("\"id\":\"x2\"");
    }
  }

  @Test
  void rawUtf8InTheQueryWorks() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient stream = server.stream("/?types=é")) {
      server.post(operation(1));
      server.post(operation(2).replace("video", "é"));
      assertThat(stream.event().data()).contains("\"id\":\"x2\"");
    }
  }

  @Test
  void aQuietStreamGetsHeartbeatsWithoutABlankLine() throws IOException {
    try (TestServer server =
            TestServer.start(options ->
                options.withEngine(
                    EngineOptions.defaults()
                        .withStreams(
                            StreamTimes.defaults().withHeartbeat(Duration.ofMillis(50)))));
        RawClient stream = server.stream("/")) {
      assertThat(stream.rawLine()).isEqualTo(":");
      assertThat(stream.rawLine()).isEqualTo(":");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aStreamWhoseClientWentAwayIsForgotten(Transport transport) throws IOException {
    try (TestServer server = start(transport)) {
      RawClient closed = server.stream("/");
      RawClient reset = server.stream("/");
      RawClient half = server.stream("/");
      awaitClients(server, 3);
      closed.close();
      awaitClients(server, 2);
      reset.reset();
      awaitClients(server, 1);
      half.shutdownOutput();
      awaitClients(server, 0);
      half.close();
      awaitConnections(server, 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whatAConsumerSaysAfterItsRequestIsPassedOver(Transport transport) throws IOException {
    try (TestServer server = start(transport);
        RawClient stream = server.client()) {
      stream.send(get("/") + RawClient.post(operation(1)) + get("/status"));
      assertThat(stream.head().status()).isEqualTo(200);
      stream.send("and more");
      String id = server.post(operation(2));
      assertThat(stream.event().id()).isEqualTo(id).endsWith("1");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aConsumerThatTalksWithoutEndIsClosed(Transport transport) throws IOException {
    try (TestServer server = start(transport);
        RawClient stream = server.stream("/")) {
      awaitClients(server, 1);
      byte[] noise = new byte[32 << 10];
      try {
        for (int i = 0; i < 1000; i++) {
          stream.send(noise);
        }
      } catch (IOException e) {
        // this is what it is to notice
      }
      awaitClients(server, 0);
    }
  }

  @Test
  void aStreamMayFollowOtherRequestsOnItsConnection() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient client = server.client()) {
      client.send(RawClient.post(operation(1)) + get("/healthz") + get("/?progress=1"));
      String id = client.response().header("oplog-event-id");
      assertThat(client.response().body()).isEqualTo("alive\n");
      assertThat(client.head().status()).isEqualTo(200);
      assertThat(client.event()).isEqualTo(new Event(id, "progress", "{}"));
    }
  }

  /** The answer before it may leave at once or in pieces; the stream begins after it, once. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  void aStreamThatWaitedForAnAnswerBeginsOnce(Transport transport) throws IOException {
    try (TestServer server = start(transport)) {
      RawClient client = server.client();
      client.send(RawClient.post(operation(1)) + get("/ops"));
      assertThat(client.response().status()).isEqualTo(204);
      assertThat(client.head().status()).isEqualTo(200);
      for (int i = 2; i <= 4; i++) {
        String id = server.post(operation(i));
        assertThat(client.event().id()).isEqualTo(id);
      }
      awaitClients(server, 1);
      awaitConnections(server, 1);
      client.close();
      awaitClients(server, 0);
      awaitConnections(server, 0);
    }
  }

  @Test
  void http10ConsumersAreServed() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient client = server.client()) {
      client.send("GET / HTTP/1.0\r\n\r\n");
      assertThat(client.head().status()).isEqualTo(200);
      String id = server.post(operation(1));
      assertThat(client.event().id()).isEqualTo(id);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  @EnabledOnOs(OS.LINUX)
  void aConsumerThatStopsReadingHoldsUpNobodyAndMissesNothing(Transport transport)
      throws IOException {
    int others = 1000;
    int operations = 3000;
    String filler = "f".repeat(4000);
    try (TestServer server = start(transport);
        RawClient stopped = new RawClient(server.port(), 4096)) {
      stopped.send(get("/"));
      assertThat(stopped.head().status()).isEqualTo(200);
      List<RawClient> readers = new ArrayList<>();
      for (int i = 0; i < others; i++) {
        readers.add(server.stream("/?types=rare"));
      }
      StringBuilder body = new StringBuilder();
      for (int i = 0; i < operations; i++) {
        body.append(operation(i, filler)).append('\n');
        if (body.length() > 2 << 20) {
          assertStored(server, body);
        }
      }
      body.append(operation(-1).replace("video", "rare")).append('\n');
      assertStored(server, body);
      for (RawClient reader : readers) {
        assertThat(reader.event().data()).contains("\"id\":\"x-1\"");
        reader.close();
      }
      for (int i = 1; i <= operations; i++) {
        assertThat(Long.parseLong(stopped.event().id().substring(12), 16)).isEqualTo(i);
      }
    }
  }

  private static void assertStored(TestServer server, StringBuilder body) throws IOException {
    Response response =
        server.exchange(RawClient.post("application/x-ndjson", body.toString(), ""));
    assertThat(response.status()).isEqualTo(204);
    body.setLength(0);
  }

  @Test
  void aStreamIsEndedAtItsGreatestAge() throws IOException {
    try (TestServer server =
            TestServer.start(options ->
                options.withEngine(
                    EngineOptions.defaults()
                        .withStreams(
                            StreamTimes.defaults()
                                .withHeartbeat(Duration.ofMillis(100))
                                .withMaxAge(Duration.ofMillis(300)))));
        RawClient stream = server.stream("/")) {
      assertThat(stream.rest()).matches("(:\n)*");
      awaitClients(server, 0);
      awaitConnections(server, 0);
    }
  }

  @Test
  void aStreamStaysOpenWhileTheStoreCannotBeReadAndGoesOnByItself() throws IOException {
    HeldStore store = new HeldStore();
    store.release();
    try (TestServer server = TestServer.start(store, options -> options)) {
      server.post(operation(1));
      store.failReads(new StoreException.Unavailable("nobody answers", new IOException("down")));
      try (RawClient stream = server.stream("/ops", "Last-Event-ID: 0\r\n")) {
        assertThat(stream.event().event()).isEqualTo("reset");
        Awaitility.await().until(() -> server.server().snapshot().engine().failedReads() > 1);
        assertThat(server.server().snapshot().engine().clients()).isOne();
        store.failReads(null);
        assertThat(stream.event().data()).contains("\"x1\"");
        assertThat(stream.event().event()).isEqualTo("live");
      }
    }
  }
}
