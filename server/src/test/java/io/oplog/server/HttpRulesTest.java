package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static io.oplog.server.RawClient.post;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.RawClient.Response;
import io.oplog.server.http.HttpLimits;
import io.oplog.server.http.HttpOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths, methods, passwords, origins, and what a client accepts. */
class HttpRulesTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";

  private static Response exchange(String request) throws IOException {
    try (TestServer server = TestServer.start()) {
      return server.exchange(request);
    }
  }

  private static TestServer withPasswords() throws IOException {
    return TestServer.start(
        options -> options.withHttp(HttpOptions.defaults().withPasswords("read", "wr:ite")));
  }

  private static String request(String method, String target, String... headers) {
    return method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + String.join("", headers) + "\r\n";
  }

  private static String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Authorization: Basic " + Base64.getEncoder().encodeToString(pair) + "\r\n";
  }

  // ---- paths and methods ----

  @ParameterizedTest
  @ValueSource(strings = {"/opz", "/ops/", "/statuses", "/favicon.ico", "//", "ops"})
  void anUnknownPathIs404(String path) throws IOException {
    Response response = exchange(get(path));
    assertThat(response.status()).isEqualTo(404);
    assertThat(response.header("content-type")).isEqualTo("application/problem+json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT|/ops|GET, HEAD, POST, OPTIONS",
        "DELETE|/|GET, HEAD, POST, OPTIONS",
        "BREW|/|GET, HEAD, POST, OPTIONS",
        "POST|/status|GET, HEAD, OPTIONS",
        "PATCH|/metrics|GET, HEAD, OPTIONS"
      })
  void anotherMethodIs405WithAllow(String method, String path, String allowed) throws IOException {
    Response response = exchange(request(method, path));
    assertThat(response.status()).isEqualTo(405);
    assertThat(response.header("allow")).isEqualTo(allowed);
  }

  @Test
  void aRefusedRequestDoesNotEndTheConnection() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient client = server.client()) {
      client.send(get("/nowhere") + request("PUT", "/", "Content-Length: 3\r\n") + "abc");
      assertThat(client.response().status()).isEqualTo(404);
      assertThat(client.response().status()).isEqualTo(405);
      client.send(post(ONE));
      assertThat(client.response().status()).isEqualTo(204);
    }
  }

  @Test
  void headIsAnsweredLikeGetWithoutABody() throws IOException {
    try (TestServer server = TestServer.start();
        RawClient client = server.client()) {
      client.send(request("HEAD", "/ops"));
      Response head = client.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("content-type")).isEqualTo("text/event-stream; charset=utf-8");
      client.send(request("HEAD", "/healthz"));
      assertThat(client.head().header("content-length")).isEqualTo("6");
      client.send(request("HEAD", "/nowhere"));
      assertThat(client.head().status()).isEqualTo(404);
      client.send(get("/healthz"));
      assertThat(client.response().body()).isEqualTo("alive\n");
    }
  }

  // ---- what a client accepts ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/event-stream",
        "TEXT/Event-Stream",
        "text/event-stream; charset=utf-8",
        "text/event-stream;q=0.1",
        "*/*",
        "text/*",
        "application/json, text/event-stream",
        "application/json, */*; q=0.1",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/event-stream, */*;q=0",
        "",
        " , "
      })
  void acceptThatAllowsAnEventStream(String accept) throws IOException {
    assertThat(exchange(request("HEAD", "/", "Accept: " + accept + "\r\n")).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "text/html",
        "text/event-stream;q=0",
        "text/event-stream;q=0.0, */*",
        "text/*;q=0, */*",
        "*/*;q=0",
        "application/*",
        "text/event-streams"
      })
  void acceptThatDoesNotIs406(String accept) throws IOException {
    assertThat(exchange(request("GET", "/", "Accept: " + accept + "\r\n")).status()).isEqualTo(406);
  }

  @Test
  void severalAcceptHeadersAreOneList() throws IOException {
    String two = "Accept: application/json\r\nAccept: text/event-stream\r\n";
    assertThat(exchange(request("HEAD", "/", two)).status()).isEqualTo(200);
  }

  // ---- positions and filters ----

  @ParameterizedTest
  @ValueSource(strings = {"-5", "+5", "6920c0de0001000000000a2", "6920C0DE0001000000000A2F", "x"})
  void aPositionThatIsNoneIs400(String id) throws IOException {
    assertThat(exchange(request("GET", "/", "Last-Event-ID: " + id + "\r\n")).status())
        .isEqualTo(400);
  }

  @Test
  void thePositionMayBeAParameter() throws IOException {
    assertThat(exchange(get("/?last_event_id=-5")).status()).isEqualTo(400);
  }

  @Test
  void theHeaderWinsOverTheParameter() throws IOException {
    String good = "Last-Event-ID: 0\r\n";
    assertThat(exchange(request("HEAD", "/?last_event_id=-5", good)).status()).isEqualTo(200);
    String bad = "Last-Event-ID: -5\r\n";
    assertThat(exchange(request("GET", "/?last_event_id=0", bad)).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/?types=%", "/?types=%4", "/?types=%zz", "/?parents=%ff", "/?%=1"})
  void aBrokenQueryIs400(String target) throws IOException {
    assertThat(exchange(get(target)).status()).isEqualTo(400);
  }

  // ---- passwords ----

  @Test
  void withoutAPasswordTheStreamIs401() throws IOException {
    try (TestServer server = withPasswords()) {
      Response response = server.exchange(get("/"));
      assertThat(response.status()).isEqualTo(401);
      assertThat(response.header("www-authenticate")).contains("Basic realm=").contains("Bearer");
    }
  }

  @Test
  void anyUserNameWillDo() throws IOException {
    try (TestServer server = withPasswords()) {
      for (String user : List.of("", "admin", "x y")) {
        assertThat(server.exchange(request("HEAD", "/", basic(user, "read"))).status())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void aPasswordMayHoldAColon() throws IOException {
    try (TestServer server = withPasswords()) {
      assertThat(server.exchange(post("application/json", ONE, basic("a", "wr:ite"))).status())
          .isEqualTo(204);
    }
  }

  @Test
  void theSamePasswordIsABearerToken() throws IOException {
    try (TestServer server = withPasswords()) {
      String bearer = "Authorization: bearer read\r\n";
      assertThat(server.exchange(request("HEAD", "/", bearer)).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic",
        "Basic !!!",
        "Basic cmVhZA==",
        "Bearer",
        "Bearer READ",
        "Bearer read2",
        "Digest read",
        "read",
        ""
      })
  void anythingElseIs401(String authorization) throws IOException {
    try (TestServer server = withPasswords()) {
      String header = "Authorization: " + authorization + "\r\n";
      assertThat(server.exchange(request("GET", "/", header)).status()).isEqualTo(401);
    }
  }

  @Test
  void eachPasswordOpensItsOwnDoorOnly() throws IOException {
    try (TestServer server = withPasswords()) {
      assertThat(server.exchange(request("GET", "/", basic("a", "wr:ite"))).status())
          .isEqualTo(401);
      assertThat(server.exchange(post("application/json", ONE, basic("a", "read"))).status())
          .isEqualTo(401);
      assertThat(server.exchange(post(ONE)).status()).isEqualTo(401);
      assertThat(server.server().snapshot().bounds().head()).isZero();
    }
  }

  @Test
  void thePagesForOperatorsAreOpen() throws IOException {
    try (TestServer server = withPasswords()) {
      for (String path : List.of("/status", "/healthz", "/readyz", "/metrics")) {
        assertThat(server.exchange(get(path)).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aPreflightIsNever401() throws IOException {
    try (TestServer server = withPasswords()) {
      Response response =
          server.exchange(
              request(
                  "OPTIONS",
                  "/ops",
                  "Origin: https://example.org\r\n",
                  "Access-Control-Request-Method: GET\r\n",
                  "Access-Control-Request-Headers: authorization, last-event-id\r\n"));
      assertThat(response.status()).isEqualTo(204);
      assertThat(response.header("access-control-allow-origin")).isEqualTo("*");
      assertThat(response.header("access-control-allow-methods")).contains("GET");
      assertThat(response.header("access-control-allow-headers"))
          .contains("Authorization")
          .contains("Last-Event-ID");
      assertThat(response.has("www-authenticate")).isFalse();
    }
  }

  // ---- origins ----

  @Test
  void everyOriginMayReadByDefault() throws IOException {
    try (TestServer server = TestServer.start()) {
      for (String request : List.of(request("HEAD", "/"), post(ONE), get("/x"), get("/status"))) {
        assertThat(server.exchange(request).header("access-control-allow-origin")).isEqualTo("*");
      }
    }
  }

  @Test
  void onlyConfiguredOriginsMayRead() throws IOException {
    try (TestServer server =
        TestServer.start(options ->
            options.withHttp(
                HttpOptions.defaults().withCorsOrigins(List.of("https://a.example"))))) {
      Response allowed = server.exchange(request("HEAD", "/", "Origin: https://a.example\r\n"));
      assertThat(allowed.header("access-control-allow-origin")).isEqualTo("https://a.example");
      assertThat(allowed.header("vary")).isEqualTo("Origin");
      Response other = server.exchange(request("HEAD", "/", "Origin: https://b.example\r\n"));
      assertThat(other.has("access-control-allow-origin")).isFalse();
      assertThat(other.header("vary")).isEqualTo("Origin");
    }
  }

  @Test
  void anOriginMayReadWhyItsBodyWasRejected() throws IOException {
    try (TestServer server = withOrigin("https://a.example", limits(1000, Duration.ofMinutes(1)))) {
      String chunk = "200\r\n" + " ".repeat(512) + "\r\n";
      Response tooLarge =
          server.exchange(
              request(
                      "POST",
                      "/",
                      "Origin: https://a.example\r\n",
                      "Content-Type: application/json\r\n",
                      "Transfer-Encoding: chunked\r\n")
                  + chunk.repeat(3));
      assertThat(tooLarge.status()).isEqualTo(413);
      assertThat(tooLarge.header("access-control-allow-origin")).isEqualTo("https://a.example");
    }
  }

  /** The one before may have come from another page, by way of a proxy. */
  @Test
  void aHeadThatNeverCameHasNoOrigin() throws IOException {
    try (TestServer server = withOrigin("https://a.example", limits(1000, Duration.ofMillis(300)));
        RawClient client = server.client()) {
      client.send(request("HEAD", "/", "Origin: https://a.example\r\n") + "GET / HT");
      assertThat(client.head().header("access-control-allow-origin"))
          .isEqualTo("https://a.example");
      Response late = client.response();
      assertThat(late.status()).isEqualTo(408);
      assertThat(late.has("access-control-allow-origin")).isFalse();
    }
  }

  private static TestServer withOrigin(String origin, HttpLimits limits) throws IOException {
    return TestServer.start(options ->
        options.withHttp(
            HttpOptions.defaults().withCorsOrigins(List.of(origin)).withLimits(limits)));
  }

  private static HttpLimits limits(int body, Duration head) {
    Duration minute = Duration.ofMinutes(1);
    return new HttpLimits(
        100, 2000, 1000, body, 10_000, 1 << 20, 10, head, minute, minute, minute, minute);
  }

  /** Where all may read, a page that somebody opens beside the server must not write to it. */
  @Test
  void onlyAnOriginThatIsNamedMayWrite() throws IOException {
    assertThat(preflightMethods("*", "https://a.example")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(preflightMethods("https://b.example", "https://a.example"))
        .isEqualTo("GET, HEAD, OPTIONS");
    assertThat(preflightMethods("https://a.example", "https://a.example"))
        .isEqualTo("GET, HEAD, POST, OPTIONS");
  }

  private static String preflightMethods(String configured, String origin) throws IOException {
    try (TestServer server = withOrigin(configured, HttpLimits.defaults())) {
      return server
          .exchange(request("OPTIONS", "/", "Origin: " + origin + "\r\n"))
          .header("access-control-allow-methods");
    }
  }

  @Test
  void noOriginMayReadWhenNoneIsConfigured() throws IOException {
    try (TestServer server =
        TestServer.start(
            options -> options.withHttp(HttpOptions.defaults().withCorsOrigins(List.of())))) {
      Response response = server.exchange(request("HEAD", "/", "Origin: https://a.example\r\n"));
      assertThat(response.has("access-control-allow-origin")).isFalse();
    }
  }

  // ---- the protocol itself ----

  @Test
  void anotherVersionIs505() throws IOException {
    assertThat(exchange("GET / HTTP/3.0\r\n\r\n").status()).isEqualTo(505);
  }

  @Test
  void aRequestThatNamesNoHostOrTwoIs400() throws IOException {
    assertThat(exchange("GET /healthz HTTP/1.1\r\n\r\n").status()).isEqualTo(400);
    assertThat(exchange("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(exchange("GET /healthz HTTP/1.0\r\n\r\n").status()).isEqualTo(200);
  }

  @Test
  void anotherTransferCodingIs501() throws IOException {
    assertThat(
            exchange("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
                .status())
        .isEqualTo(501);
  }

  @Test
  void anIdIsParsedTheSameHoweverTheHeaderIsSpelled() throws IOException {
    assertThat(exchange("GET / HTTP/1.1\r\nHost: x\r\nlast-event-id:-5\r\n\r\n").status())
        .isEqualTo(400);
  }
}
