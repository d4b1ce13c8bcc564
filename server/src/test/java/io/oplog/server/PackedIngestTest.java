package io.oplog.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies with {@code Content-Encoding: gzip}. */
class PackedIngestTest {
  private static final int MOST_BYTES = 8 << 20;

  private TestServer server;
  private HttpClient http;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start();
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private static byte[] lines(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x" + i + "\"}\n")
        .collect(Collectors.joining())
        .getBytes(UTF_8);
  }

  private HttpResponse<String> post(String coding, byte[] body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/ops"))
            .header("Content-Type", "application/x-ndjson")
            .header("Content-Encoding", coding)
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofString());
  }

  private long stored() {
    return server.server().snapshot().bounds().head();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "GZIP", "x-gzip"})
  void aPackedBodyIsStored(String coding) throws Exception {
    assertThat(post(coding, packed(lines(1))).statusCode()).isEqualTo(204);
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void aPackedBodyOfManyPiecesIsStored() throws Exception {
    byte[] lines = lines(100_000);
    assertThat(post("gzip", packed(lines)).statusCode()).isEqualTo(204);
    assertThat(stored()).isEqualTo(100_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "deflate", "gzip, gzip"})
  void otherCodingsAre415AndTheOneIsNamed(String coding) throws Exception {
    HttpResponse<String> answer = post(coding, packed(lines(1)));
    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(answer.headers().firstValue("Accept-Encoding")).contains("gzip");
    assertThat(stored()).isZero();
  }

  @Test
  void whatIsUnpackedIsBoundedAsABodyIs() throws Exception {
    byte[] bomb = packed(new byte[64 << 20]);
    assertThat(bomb.length).isLessThan(100_000);
    for (int i = 0; i < 20; i++) { // and nothing is kept of it
      HttpResponse<String> answer = post("gzip", bomb);
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).contains(MOST_BYTES + " bytes when it is unpacked");
    }
    assertThat(post("gzip", packed(lines(100_000))).statusCode()).isEqualTo(204);
  }

  @Test
  void aBodyThatIsNoGzipOrNotWholeIsToldAndCounted() throws Exception {
    byte[] whole = packed(lines(1000));
    byte[] broken = whole.clone();
    broken[whole.length - 6] ^= 1;
    for (byte[] body :
        new byte[][] {
          lines(1),
          new byte[0],
          Arrays.copyOf(whole, 100),
          Arrays.copyOf(whole, whole.length - 1),
          broken
        }) {
      HttpResponse<String> answer = post("gzip", body);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("body: not whole gzip: ").doesNotContain("null");
    }
    assertThat(stored()).isZero();
    assertThat(server.server().snapshot().ingest().error()).isEqualTo(5);
  }

  @Test
  void aBadLineOfAPackedBodyIsNamed() throws Exception {
    byte[] lines = (new String(lines(2), UTF_8) + "{}\n").getBytes(UTF_8);
    HttpResponse<String> answer = post("gzip", packed(lines));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("line 3");
  }
}
