package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DownloadTest {
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private static URI at(ScriptedServer server, String user) {
    return URI.create(server.endpoint().toString().replace("//", "//" + user) + "/dump?key=a");
  }

  private static String read(URI url, Duration silence) throws Exception {
    try (Download download = Download.open(url, silence)) {
      return new String(download.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void theBodyIsReadAndItsLengthKnown() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> ScriptedServer.status(out, 200, "", "é\nb"));
        Download download = Download.open(at(server, ""), SILENCE)) {
      assertThat(download.length()).isEqualTo(4);
      assertThat(new String(download.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("é\nb");
      assertThat(server.requests().get(0).target()).isEqualTo("/dump?key=a");
    }
  }

  @Test
  void thePasswordOfTheAddressIsSent() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> ScriptedServer.status(out, 200, "", "x"))) {
      assertThat(read(at(server, "a:s%40b@"), SILENCE)).isEqualTo("x");
      assertThat(server.requests().get(0).header("authorization")).isEqualTo("Basic YTpzQGI=");
    }
  }

  @Test
  void aBodyThatIsCutIsAnError() throws Exception {
    for (String head : new String[] {"Content-Length: 100", "Transfer-Encoding: chunked"}) {
      try (ScriptedServer server =
          new ScriptedServer((n, request, out) ->
              ScriptedServer.send(
                  out, "HTTP/1.1 200 OK\r\n" + head + "\r\n\r\n5\r\n{\"a\"}\r\n"))) {
        assertThatThrownBy(() -> read(at(server, ""), SILENCE))
            .as(head)
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void silenceIsAnError() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          ScriptedServer.send(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
          end.await();
        })) {
      assertThatThrownBy(() -> read(at(server, ""), Duration.ofMillis(200)))
          .isInstanceOf(IOException.class)
          .hasMessage("nothing was heard for 0.2 s");
      end.countDown();
    }
  }

  @Test
  void anotherAnswerIsToldWithoutThePassword() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> ScriptedServer.status(out, 404, "", "none"))) {
      assertThatThrownBy(() -> read(at(server, "a:secret@"), SILENCE))
          .isInstanceOf(IOException.class)
          .hasMessage("it answered 404");
    }
  }

  @Test
  void nobodyThereIsToldWithoutThePassword() {
    assertThatThrownBy(() -> read(URI.create("http://a:secret@127.0.0.1:1/x?k=secret"), SILENCE))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot connect to http://127.0.0.1:1/x")
        .hasMessageNotContaining("secret");
  }
}
