package io.oplog.server.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.connector.redis.RedisOptions;
import io.oplog.connector.redis.RedisSink;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.RelayStats;
import io.oplog.testkit.redis.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayPagesTest {
  private final HttpClient http = HttpClient.newHttpClient();
  private final RedisProcess redis = RedisProcess.start();
  private final RedisSink sink = new RedisSink(RedisOptions.of(redis.uri()));
  private Optional<String> trouble = Optional.empty();
  private RelayPages pages;

  @BeforeEach
  void listen() throws IOException {
    pages =
        RelayPages.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "a-version",
            List.of(() -> stats("there", trouble)),
            List.of(sink.denyList()));
  }

  private static RelayStats stats(String to, Optional<String> trouble) {
    return new RelayStats(to, 5, 1, 0, 0, 2, 0, Optional.of("p7"), Backlog.NONE, trouble);
  }

  @AfterEach
  void close() {
    pages.close();
    sink.close();
    redis.close();
    http.close();
  }

  /** As in {@code 200 ready}. */
  private String answer(String method, String path) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + pages.address().getPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return (answer.statusCode() + " " + answer.body()).strip();
  }

  @Test
  void thePagesOfAServerTellOfARelay() throws Exception {
    assertThat(answer("GET", "/healthz")).isEqualTo("200 alive");
    assertThat(answer("GET", "/readyz")).isEqualTo("200 ready");
    assertThat(answer("GET", "/status"))
        .startsWith("200 {\"status\":\"OK\",\"version\":\"a-version\"")
        .contains("\"sent\":5,")
        .contains("\"position\":\"p7\"");
    assertThat(answer("GET", "/metrics"))
        .contains("oplog_relay_sent_total{to=\"there\"} 5.0")
        .contains("oplog_relay_reconciled_total{to=\"there\"} 2.0")
        .contains("oplog_relay_up{to=\"there\"} 1.0");
    trouble = Optional.of("nobody answers");
    assertThat(answer("GET", "/readyz")).isEqualTo("503 nobody answers");
    assertThat(answer("GET", "/status")).contains("NOT READY");
    assertThat(answer("GET", "/metrics")).contains("oplog_relay_up{to=\"there\"} 0.0");
    assertThat(answer("HEAD", "/readyz")).isEqualTo("503");
    assertThat(answer("POST", "/readyz")).startsWith("405");
    assertThat(answer("GET", "/readyz/")).startsWith("404");
  }

  @Test
  void theDenyListIsReadAndChangedAsOplogtoredisHasIt() throws Exception {
    assertThat(answer("GET", "/denylist")).isEqualTo("200 []");
    assertThat(answer("GET", "/denylist/app")).startsWith("404");
    assertThat(answer("PUT", "/denylist/app")).isEqualTo("201");
    assertThat(answer("PUT", "/denylist/app")).isEqualTo("204");
    assertThat(answer("PUT", "/denylist/caf%C3%A9")).isEqualTo("201");
    assertThat(answer("GET", "/denylist")).isEqualTo("200 [\"app\",\"café\"]");
    assertThat(answer("HEAD", "/denylist")).isEqualTo("200");
    assertThat(answer("HEAD", "/denylist/app")).isEqualTo("200");
    assertThat(answer("GET", "/denylist/app")).startsWith("200");
    assertThat(answer("DELETE", "/denylist/app")).isEqualTo("204");
    assertThat(answer("DELETE", "/denylist/app")).startsWith("404");
    assertThat(answer("POST", "/denylist/app")).startsWith("405");
    assertThat(answer("PUT", "/denylist")).startsWith("405");
    for (String none : List.of("a%20b", "app/users", "app.users", "a%00", "a".repeat(64))) {
      assertThat(answer("PUT", "/denylist/" + none)).as(none).startsWith("400");
    }
    assertThat(answer("GET", "/denylisted")).startsWith("404");
    redis.kill();
    assertThat(answer("GET", "/denylist")).startsWith("503").contains("Redis");
  }

  @Test
  void eachOfSeveralRelaysIsToldFromTheOthers() throws Exception {
    pages.close();
    trouble = Optional.of("nobody answers");
    pages =
        RelayPages.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "a-version",
            List.of(() -> stats("there", Optional.empty()), () -> stats("here", trouble)),
            List.of());
    assertThat(answer("GET", "/readyz"))
        .isEqualTo("503 nothing gets through to here: nobody answers");
    assertThat(answer("GET", "/status"))
        .contains(
            "NOT READY", "\"to\":\"there\",\"trouble\":\"\",", "\"to\":\"here\",\"trouble\":\"n");
    assertThat(answer("GET", "/metrics"))
        .contains("oplog_relay_up{to=\"there\"} 1.0", "oplog_relay_up{to=\"here\"} 0.0")
        .contains("oplog_relay_sent_total{to=\"here\"} 5.0");
    trouble = Optional.empty();
    assertThat(answer("GET", "/readyz")).isEqualTo("200 ready");
  }

  @Test
  void theDenyListsOfSeveralTargetsAreOneAndAFailureAtOneIsTold() throws Exception {
    pages.close();
    try (RedisProcess other = RedisProcess.start();
        RedisSink too = new RedisSink(RedisOptions.of(other.uri()))) {
      pages =
          RelayPages.listen(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              "a-version",
              List.of(() -> stats("there", trouble), () -> stats("here", trouble)),
              List.of(sink.denyList(), too.denyList()));
      assertThat(answer("PUT", "/denylist/app")).isEqualTo("201");
      assertThat(sink.denyList().databases()).containsExactly("app");
      assertThat(too.denyList().databases()).containsExactly("app");
      assertThat(answer("PUT", "/denylist/app")).isEqualTo("204");
      redis.kill();
      assertThat(answer("PUT", "/denylist/web"))
          .startsWith("503")
          .contains("127.0.0.1:" + redis.port(), "ask again")
          .doesNotContain("127.0.0.1:" + other.port());
      assertThat(too.denyList().databases()).containsExactly("app", "web");
      redis.restart();
      assertThat(answer("GET", "/denylist")).isEqualTo("200 [\"app\",\"web\"]");
      assertThat(answer("PUT", "/denylist/web")).isEqualTo("201");
      assertThat(answer("DELETE", "/denylist/app")).isEqualTo("204");
      assertThat(too.denyList().databases()).containsExactly("web");
      other.kill();
      redis.kill();
      assertThat(answer("GET", "/denylist")).startsWith("503").doesNotContain("ask again");
    }
  }
}
