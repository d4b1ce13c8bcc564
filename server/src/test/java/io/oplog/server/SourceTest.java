package io.oplog.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.RawClient.Response;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exactly once from a source: the header {@code Oplog-Source}. */
class SourceTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Response post(String body, String source) throws IOException {
    return server.exchange(
        RawClient.post("application/json", body, "Oplog-Source: " + source + "\r\n"));
  }

  private long stored() {
    return server.server().snapshot().bounds().head();
  }

  @Test
  void aSourceMovesFromItsPositionToTheNext() throws IOException {
    assertThat(post(ONE, "relay-1; to=a").status()).isEqualTo(204);
    assertThat(post(ONE, "relay-1; from=a; to=b").status()).isEqualTo(204);
    assertThat(stored()).isEqualTo(2);
  }

  @Test
  void aRepeatedBodyIsRefusedWithTheStoredPosition() throws IOException {
    assertThat(post(ONE, "relay-1;to=a").status()).isEqualTo(204);
    Response response = post(ONE, "relay-1;to=a");
    assertThat(response.status()).isEqualTo(409);
    assertThat(response.header("oplog-source")).isEqualTo("relay-1; to=a");
    assertThat(response.header("content-type")).isEqualTo("application/problem+json");
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void anUnknownSourceWithAPositionIsRefusedWithItsNameAlone() throws IOException {
    Response response = post(ONE, "relay-1; from=a; to=b");
    assertThat(response.status()).isEqualTo(409);
    assertThat(response.header("oplog-source")).isEqualTo("relay-1");
    assertThat(stored()).isZero();
  }

  @Test
  void anEmptyArrayMovesThePositionToo() throws IOException {
    Response moved = post("[]", "relay-1; to=a");
    assertThat(moved.status()).isEqualTo(204);
    assertThat(moved.has("oplog-event-id")).isFalse();
    assertThat(post("[]", "relay-1; to=b").header("oplog-source")).isEqualTo("relay-1; to=a");
  }

  @Test
  void operationsThatDoNotMoveTheirSourceAreRefusedSinceARepetitionWouldDoubleThem()
      throws IOException {
    assertThat(post(ONE, "relay-1; to=a").status()).isEqualTo(204);
    Response refused = post(ONE, "relay-1; from=a; to=a");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body()).contains("to the same one");
    assertThat(stored()).isEqualTo(1);
    assertThat(server.server().snapshot().ingest().error()).isEqualTo(1);
    assertThat(post("[]", "relay-1; from=a; to=a").status()).isEqualTo(204);
    assertThat(post("[]", "relay-1; from=-; to=-").header("oplog-source"))
        .isEqualTo("relay-1; to=a");
  }

  @Test
  void aBadBodyDoesNotMoveThePosition() throws IOException {
    assertThat(post("[{}]", "relay-1; to=a").status()).isEqualTo(400);
    assertThat(post(ONE, "relay-1; from=a; to=b").header("oplog-source")).isEqualTo("relay-1");
  }

  @Test
  void positionsAreOpaque() throws IOException {
    String token = "eyJhIjoxfQ==/+-._~:!$&'()*@?#[]{}|\\^`\"<>";
    assertThat(post(ONE, "a/b=c; to=" + token).status()).isEqualTo(204);
    assertThat(post(ONE, "a/b=c; to=x").header("oplog-source")).isEqualTo("a/b=c; to=" + token);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "relay-1",
        "relay-1; from=a",
        "; to=a",
        "relay-1; to=",
        "relay-1; from=; to=a",
        "relay-1; to=a; to=b",
        "relay-1; from=a; from=b; to=c",
        "relay-1; to=a; x=1",
        "relay-1; to=a;",
        "relay-1, relay-2; to=a",
        "relay 1; to=a",
        "r\u00e9lay; to=a"
      })
  void aMalformedHeaderIs400(String header) throws IOException {
    Response response = post(ONE, header);
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body()).contains("Oplog-Source");
    assertThat(stored()).isZero();
  }

  @Test
  void theHeaderGivenTwiceIs400() throws IOException {
    assertThat(post(ONE, "a; to=1\r\nOplog-Source: b; to=1").status()).isEqualTo(400);
  }
}
