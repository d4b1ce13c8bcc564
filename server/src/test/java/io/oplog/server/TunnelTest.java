package io.oplog.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.server.http.Upstream;
import java.io.IOException;
import java.net.URI;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that hands on the stream of another one. */
@Timeout(60)
class TunnelTest {
  private static final int LARGE = 2000;

  private final TestServer central =
      start(options -> options.withHttp(options.http().withPasswords("r", null)));
  private final TestServer agent = agent(central.port(), "r");

  private static TestServer start(UnaryOperator<ServerOptions> change) {
    try {
      return TestServer.start(change);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TestServer agent(int to, String password) {
    return start(options -> {
      try {
        Upstream upstream = Upstream.of(URI.create("http://127.0.0.1:" + to), password);
        return options.withHttp(options.http().withUpstream(upstream));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
  }

  @AfterEach
  void close() {
    agent.close();
    central.close();
  }

  private static String operation(String type, String id) {
    return "{\"event\":\"insert\",\"type\":\"" + type + "\",\"id\":\"" + id + "\"}";
  }

  private int clients() {
    return central.server().snapshot().engine().clients();
  }

  @Test
  void theOtherServersEventsComeWithItsIdsFromAnyPositionAndForAnyFilter() throws IOException {
    String first = central.post(operation("video", "a"));
    String second = central.post(operation("video", "b"));
    try (RawClient client = agent.stream("/ops", "Last-Event-ID: " + first + "\r\n")) {
      assertThat(client.event().id()).isEqualTo(second);
      String third = central.post(operation("vidéo", "c"));
      assertThat(client.event().id()).isEqualTo(third);
    }
    try (RawClient client = agent.stream("/?last_event_id=0&types=vidéo")) {
      assertThat(client.event().event()).isEqualTo("reset");
      assertThat(client.event().data()).contains("\"id\":\"c\"");
      assertThat(client.event().event()).isEqualTo("live");
    }
  }

  @Test
  void theHeadIsTheOtherServersToo() throws IOException {
    try (RawClient client = agent.client()) {
      client.send("GET /ops HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 0\r\n\r\n");
      assertThat(client.head().header("last-event-id")).isEqualTo("0");
    }
  }

  @Test
  void whoGoesAwayIsGoneThereTooAndTheOtherWayRound() throws IOException {
    RawClient leaving = agent.stream("/ops");
    await().until(() -> clients() == 1);
    assertThat(agent.server().snapshot().clients()).isEqualTo(1);
    leaving.close();
    await().until(() -> clients() == 0);
    await().until(() -> agent.server().snapshot().clients() == 0);
    try (RawClient client = agent.stream("/ops")) {
      await().until(() -> clients() == 1);
      central.close();
      assertThat(client.atEnd()).isTrue();
    }
    assertThat(agent.exchange("GET /ops HTTP/1.1\r\nHost: x\r\n\r\n").status()).isEqualTo(503);
    await().until(() -> agent.server().snapshot().http().open() == 0);
  }

  @Test
  void whatTheOtherServerRefusesIsRefused() throws IOException {
    try (TestServer wrong = agent(central.port(), "x")) {
      RawClient.Response answer = wrong.exchange("GET /ops HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.body()).contains("--to-password");
      assertThat(answer.toString()).doesNotContain("eDp4");
    }
    assertThat(agent.exchange("GET /ops?last_event_id=-5 HTTP/1.1\r\nHost: x\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(
            agent.exchange("GET /ops HTTP/1.1\r\nHost: x\r\nUser-Agent: a\u0001b\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(agent.exchange("HEAD /ops HTTP/1.1\r\nHost: x\r\n\r\n").status()).isEqualTo(200);
  }

  /** It is not read from, so that the other server deals with it as with any slow consumer. */
  @Test
  void aClientThatTakesNothingIsLeftToTheOtherServerAndMissesNothing() throws IOException {
    String text = "x".repeat(4000);
    try (RawClient slow = new RawClient(agent.port(), 4096)) {
      slow.send("GET /ops HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(slow.head().status()).isEqualTo(200);
      String last = "";
      for (int i = 0; i < LARGE; i++) {
        last = central.post(operation("video", i + text));
      }
      await().until(() -> central.server().snapshot().engine().fallenBehind() > 0);
      String id = "";
      for (int i = 0; i < LARGE; i++) {
        id = slow.event().id();
      }
      assertThat(id).isEqualTo(last);
    }
  }
}
