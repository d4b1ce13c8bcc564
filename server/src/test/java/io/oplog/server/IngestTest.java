package io.oplog.server;

import static io.oplog.server.RawClient.post;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.RawClient.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What protocol.md says of ingest over HTTP. */
class IngestTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";
  private static final String TWO = "{\"event\":\"update\",\"type\":\"video\",\"id\":\"x2\"}";
  private static final String BAD = "{\"event\":\"upsert\",\"type\":\"video\",\"id\":\"x3\"}";

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private long stored() {
    return server.server().snapshot().bounds().head();
  }

  private long errors() {
    return server.server().snapshot().ingest().error();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/ops", "http://example.com/ops", "http://example.com"})
  void bothPathsTakeOperations(String target) throws IOException {
    String request = post(ONE).replace("/ops", target);
    assertThat(server.exchange(request).status()).isEqualTo(204);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void theIdOfTheLastOperationIsTold() throws IOException {
    Response response = server.exchange(post("[" + ONE + "," + TWO + "]"));
    assertThat(response.status()).isEqualTo(204);
    assertThat(response.header("oplog-event-id")).matches("[0-9a-f]{8}[0-9a-f]{4}000000000002");
    assertThat(response.has("content-length")).isFalse();
    assertThat(response.has("date")).isTrue();
  }

  @Test
  void aStoredOperationReachesALiveStream() throws IOException {
    try (RawClient stream = server.stream("/ops")) {
      String id = server.post(ONE);
      RawClient.Event event = stream.event();
      assertThat(event.id()).isEqualTo(id);
      assertThat(event.event()).isEqualTo("insert");
      assertThat(event.data()).contains("\"type\":\"video\",\"id\":\"x1\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=\"UTF-8\"",
        "application/json; profile=x",
        "application/x-ndjson",
        "application/x-ndjson; charset=UTF-8"
      })
  void contentTypesWithParametersAreTaken(String contentType) throws IOException {
    assertThat(server.exchange(post(contentType, ONE, "")).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "application/jsonp",
        "*/*"
      })
  void otherContentTypesAre415(String contentType) throws IOException {
    Response response = server.exchange(post(contentType, ONE, ""));
    assertThat(response.status()).isEqualTo(415);
    assertThat(response.header("content-type")).isEqualTo("application/problem+json");
    assertThat(stored()).isZero();
  }

  @Test
  void aMissingContentTypeIs415() throws IOException {
    String request =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + ONE.length() + "\r\n\r\n" + ONE;
    assertThat(server.exchange(request).status()).isEqualTo(415);
  }

  @Test
  void aBodyWithOneBadLineStoresNothing() throws IOException {
    String body = ONE + "\n\r\n" + BAD + "\n" + TWO + "\n";
    Response response = server.exchange(post("application/x-ndjson", body, ""));
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("content-type")).isEqualTo("application/problem+json");
    assertThat(response.body())
        .contains("\"type\":\"about:blank\"")
        .contains("\"title\":\"Bad Request\"")
        .contains("\"status\":400")
        .contains("\"detail\":\"line 3: ");
    assertThat(stored()).isZero();
    assertThat(errors()).isEqualTo(3);
  }

  @Test
  void aBodyWithOneBadElementStoresNothing() throws IOException {
    Response response = server.exchange(post("[" + ONE + "," + BAD + "]"));
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body()).contains("element 2: ");
    assertThat(stored()).isZero();
    assertThat(errors()).isEqualTo(2);
  }

  @Test
  void blankLinesAndCrLfAreFineInNdjson() throws IOException {
    String body = "\r\n" + ONE + "\r\n\n\r\n" + TWO;
    assertThat(server.exchange(post("application/x-ndjson", body, "")).status()).isEqualTo(204);
    assertThat(stored()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"application/json,''", "application/x-ndjson,''", "application/x-ndjson,'\r\n\n'"})
  void anEmptyBodyIs400(String contentType, String body) throws IOException {
    assertThat(server.exchange(post(contentType, body, "")).status()).isEqualTo(400);
    assertThat(errors()).isEqualTo(1);
  }

  @Test
  void anEmptyArrayIs204WithoutAnId() throws IOException {
    Response response = server.exchange(post("[]"));
    assertThat(response.status()).isEqualTo(204);
    assertThat(response.has("oplog-event-id")).isFalse();
  }

  /** The original answered 503 to bad input. */
  @ParameterizedTest
  @ValueSource(strings = {"{", "nonsense", "[{}]", "{\"event\":\"insert\"}", "\u0000\u0001"})
  void badInputIsNever503(String body) throws IOException {
    assertThat(server.exchange(post(body)).status()).isEqualTo(400);
    assertThat(errors()).isEqualTo(1);
  }

  @Test
  void aBodyInChunksIsTaken() throws IOException {
    String half = ONE.substring(0, 10);
    String rest = ONE.substring(10);
    String request =
        "POST /ops HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            + Integer.toHexString(half.length())
            + "\r\n"
            + half
            + "\r\n"
            + Integer.toHexString(rest.length())
            + ";ext=1\r\n"
            + rest
            + "\r\n0\r\nTrailer: x\r\n\r\n";
    assertThat(server.exchange(request).status()).isEqualTo(204);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void aBodyThatComesByteByByteIsTaken() throws IOException {
    try (RawClient client = server.client()) {
      for (byte b : post(ONE).getBytes(StandardCharsets.UTF_8)) {
        client.send(new byte[] {b});
      }
      assertThat(client.response().status()).isEqualTo(204);
    }
  }

  @Test
  void aLargeBodyIsTakenWhole() throws IOException {
    String body =
        IntStream.range(0, 20_000)
            .mapToObj(i -> ONE.replace("x1", "x" + i))
            .collect(Collectors.joining("\n"));
    assertThat(server.exchange(post("application/x-ndjson", body, "")).status()).isEqualTo(204);
    assertThat(stored()).isEqualTo(20_000);
  }

  @Test
  void expectContinueIsAnsweredBeforeTheBody() throws IOException {
    try (RawClient client = server.client()) {
      String request = post("application/json", ONE, "Expect: 100-continue\r\n");
      int bodyAt = request.indexOf("\r\n\r\n") + 4;
      client.send(request.substring(0, bodyAt));
      assertThat(client.head().status()).isEqualTo(100);
      client.send(request.substring(bodyAt));
      assertThat(client.response().status()).isEqualTo(204);
    }
  }

  @Test
  void anotherExpectationIs417() throws IOException {
    String request = post("application/json", ONE, "Expect: a miracle\r\n");
    assertThat(server.exchange(request).status()).isEqualTo(417);
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
    try (RawClient client = server.client()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        requests.append(post(i % 3 == 1 ? BAD : ONE));
        requests.append(i % 3 == 2 ? RawClient.get("/healthz") : "");
      }
      client.send(requests.toString());
      String before = "";
      for (int i = 0; i < 500; i++) {
        Response response = client.response();
        assertThat(response.status()).isEqualTo(i % 3 == 1 ? 400 : 204);
        if (response.status() == 204) {
          assertThat(response.header("oplog-event-id")).isGreaterThan(before);
          before = response.header("oplog-event-id");
        }
        if (i % 3 == 2) {
          assertThat(client.response().status()).isEqualTo(200);
        }
      }
    }
  }

  @Test
  void aConnectionEndsWhenTheClientAsksForIt() throws IOException {
    try (RawClient client = server.client()) {
      client.send(post("application/json", ONE, "Connection: close\r\n"));
      Response response = client.response();
      assertThat(response.status()).isEqualTo(204);
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void aClientThatSaysNoMoreStillGetsItsAnswer() throws IOException {
    try (RawClient client = server.client()) {
      client.send(post(ONE));
      client.shutdownOutput();
      assertThat(client.response().status()).isEqualTo(204);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void http10IsAnsweredAndClosed() throws IOException {
    try (RawClient client = server.client()) {
      client.send(post(ONE).replace("HTTP/1.1", "HTTP/1.0"));
      assertThat(client.response().status()).isEqualTo(204);
      assertThat(client.atEnd()).isTrue();
    }
  }

  @Test
  void theCountersAreOneEquation() throws IOException {
    assertThat(server.exchange(post("[" + ONE + "," + TWO + "]")).status()).isEqualTo(204);
    assertThat(server.exchange(post(BAD)).status()).isEqualTo(400);
    var counts = server.server().snapshot().ingest();
    assertThat(counts.ingested()).isEqualTo(2);
    assertThat(counts.error()).isEqualTo(1);
    assertThat(counts.received())
        .isEqualTo(counts.ingested() + counts.error() + counts.discarded() + counts.queued())
        .isEqualTo(3);
  }
}
