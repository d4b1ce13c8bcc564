package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static io.oplog.server.RawClient.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.core.memory.MemoryStore;
import io.oplog.server.net.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Starting and stopping. */
class StopTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";

  @Test
  void whatWasAcceptedIsAnsweredBeforeTheServerStops() throws Exception {
    TestServer server = TestServer.start(new HeldStore(), options -> options);
    try (RawClient client = server.client()) {
      client.send(post(ONE));
      Awaitility.await().until(() -> server.server().snapshot().ingest().queued() == 1);
      Thread stopping = Thread.startVirtualThread(() -> server.server().close());
      Awaitility.await().until(() -> !server.server().check().isEmpty());
      HeldStore.release(server);
      assertThat(client.response().status()).isEqualTo(204);
      assertThat(client.atEnd()).isTrue();
      stopping.join();
    } finally {
      server.close();
    }
  }

  @Test
  void whileTheQueueDrainsIngestIsRefusedAndReadinessFails() throws Exception {
    TestServer server = TestServer.start(new HeldStore(), options -> options);
    try (RawClient first = server.client();
        RawClient second = server.client()) {
      first.send(post(ONE));
      Awaitility.await().until(() -> server.server().snapshot().ingest().queued() == 1);
      Thread stopping = Thread.startVirtualThread(() -> server.server().close());
      Awaitility.await()
          .untilAsserted(() -> assertThat(server.exchange(get("/readyz")).status()).isEqualTo(503));
      Awaitility.await()
          .untilAsserted(() -> {
            second.send(post("[" + "]"));
            second.response();
            RawClient.Response refused = server.exchange(post(ONE));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("retry-after")).isNotEmpty();
          });
      HeldStore.release(server);
      assertThat(first.response().status()).isEqualTo(204);
      stopping.join();
    } finally {
      server.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void streamsGetEverythingAndThenEnd(Transport transport) throws IOException {
    TestServer server = TestServer.start(options -> options.withTransport(transport));
    List<RawClient> streams = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      streams.add(server.stream("/"));
    }
    String id = server.post(ONE);
    server.close();
    for (RawClient stream : streams) {
      assertThat(stream.event().id()).isEqualTo(id);
      assertThat(stream.atEnd()).isTrue();
      stream.close();
    }
    assertThat(server.server().snapshot().http().open()).isZero();
  }

  @Test
  void readinessFailsForTheGraceBeforeAnythingElse() throws Exception {
    TestServer server =
        TestServer.start(options -> options.withGraces(Duration.ofHours(1), Duration.ofSeconds(5)));
    Thread stopping = Thread.startVirtualThread(() -> server.server().close());
    Awaitility.await().until(() -> !server.server().check().isEmpty());
    assertThat(server.exchange(get("/readyz")).status()).isEqualTo(503);
    try (RawClient stream = server.stream("/")) {
      String id = server.post(ONE);
      assertThat(stream.event().id()).isEqualTo(id);
    }
    stopping.interrupt(); // it need not wait for its end
    stopping.join();
    server.close();
  }

  @Test
  void stoppingTwiceIsFine() throws IOException {
    TestServer server = TestServer.start();
    server.server().close();
    server.server().close();
    server.close();
  }

  @Test
  void aPortInUseIsSaid() throws Exception {
    try (TestServer server = TestServer.start();
        MemoryStore store = new MemoryStore()) {
      ServerOptions same = ServerOptions.defaults().withAddress("127.0.0.1", server.port());
      assertThatThrownBy(() -> OplogServer.start(same, store))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen")
          .hasMessageContaining(String.valueOf(server.port()));
    }
  }
}
