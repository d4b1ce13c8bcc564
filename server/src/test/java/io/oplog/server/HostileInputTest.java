package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static io.oplog.server.RawClient.post;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.RawClient.Event;
import io.oplog.server.RawClient.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever comes, the server goes on serving, and nothing a producer sends breaks a stream. */
class HostileInputTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";

  private static final String CHUNKED =
      "POST / HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start();
  }

  @AfterEach
  void stop() throws IOException {
    assertThat(server.exchange(post(ONE)).status()).isEqualTo(204);
    Awaitility.await().until(() -> server.server().snapshot().http().open() == 0);
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n\r\n\r\n\r\nnonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.1 x\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n: no name\r\n\r\n",
        "GET / HTTP/1.1\r\nA\u0000B: c\r\n\r\n",
        "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\u0000c\r\n\r\n",
        "GET / HTTP/9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        CHUNKED + "zz\r\n",
        CHUNKED + "-1\r\n",
        CHUNKED + "2\r\n{}x\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003 TLS hello\n\n"
      })
  void whatIsNotHttpIsAnsweredWithAnErrorAndClosed(String request) throws IOException {
    try (RawClient client = server.client()) {
      client.send(request.getBytes(StandardCharsets.ISO_8859_1));
      client.shutdownOutput();
      String answer = client.rest();
      assertThat(answer).matches("(?s)HTTP/1\\.1 (400|413|505) .*");
      assertThat(answer.split("HTTP/1\\.1 \\d")).as("one answer").hasSize(2);
    }
  }

  /** Two ways to tell a length are how requests are smuggled: the server takes one of them only. */
  @Test
  void aRequestWithTwoLengthsSmugglesNothing() throws IOException {
    try (RawClient client = server.client()) {
      client.send(
          CHUNKED.replace("Transfer", "Content-Length: 5\r\nTransfer")
              + "0\r\n\r\nGET /status HTTP/1.1\r\n\r\n");
      client.shutdownOutput();
      assertThat(client.rest()).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void garbageDoesNotHarm() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[random.nextInt(1, 3000)];
      random.nextBytes(garbage);
      try (RawClient client = server.client()) {
        client.send(garbage);
        client.send("\r\n\r\n");
        client.shutdownOutput();
        assertThat(client.rest()).as("seed %d, round %d", seed, i).doesNotContain("500");
      } catch (IOException e) {
        // reset: as good an answer as any
      }
    }
  }

  @Test
  void aRequestCutAnywhereDoesNotHarm() throws IOException {
    String request = post(ONE);
    for (int end = 0; end < request.length(); end += 7) {
      RawClient client = server.client();
      client.send(request.substring(0, end));
      if (end % 2 == 0) {
        client.reset();
      } else {
        client.close();
      }
    }
    assertThat(server.server().snapshot().bounds().head()).isZero();
  }

  @Test
  void deepJsonIs400() throws IOException {
    String deep = "{\"x\":".repeat(100_000);
    Response response = server.exchange(post(deep));
    assertThat(response.status()).isEqualTo(400);
    assertThat(server.exchange(post("[".repeat(100_000))).status()).isEqualTo(400);
  }

  @Test
  void invalidUtf8Is400() throws IOException {
    byte[] body = ONE.getBytes(StandardCharsets.ISO_8859_1);
    body[ONE.indexOf("x1")] = (byte) 0xff;
    try (RawClient client = server.client()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length
              + "\r\n\r\n");
      client.send(body);
      Response response = client.response();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.body()).contains("UTF-8");
    }
  }

  @Test
  void nothingAProducerSendsBreaksTheFraming() throws IOException {
    String nasty = "a\\r\\nevent: reset\\n\\ndata: {}\\n\\u0000\\u0085\\u2028\\u2029\\ud83d\\ude00";
    try (RawClient stream = server.stream("/")) {
      server.post(
          "{\"event\":\"insert\",\"type\":\"video\",\"id\":\""
              + nasty
              + "\",\"parents\":[\""
              + nasty
              + "\"]}");
      String last = server.post(ONE);
      Event event = stream.event();
      assertThat(event.event()).isEqualTo("insert");
      assertThat(event.data()).doesNotContain("\u0000", "\u0085", "\u2028", "\u2029", "\r");
      assertThat(stream.event().id()).isEqualTo(last);
    }
  }

  @Test
  void aDetailWithControlCharactersIsStillJson() throws IOException {
    Response response =
        server.exchange(post("{\"event\":\"\\u0000\\n\\\"\",\"type\":\"a\",\"id\":\"b\"}"));
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body()).doesNotContain("\n").doesNotContain("\u0000");
  }

  @Test
  void anAnswerCannotBeSplitByWhatTheRequestSays() throws IOException {
    Response response = server.exchange(get("/x%0d%0aSet-Cookie:%20a=b"));
    assertThat(response.status()).isEqualTo(404);
    assertThat(response.has("set-cookie")).isFalse();
  }
}
