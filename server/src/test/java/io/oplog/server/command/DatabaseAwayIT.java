package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.testkit.mongodb.MongoProcess;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent as a process whose database goes away and comes back. */
@Timeout(240)
class DatabaseAwayIT {
  @TempDir Path folder;
  private final MongoProcess mongo = MongoProcess.start();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> acknowledged = new ArrayList<>();
  private int made;

  @AfterEach
  void stop() {
    http.close();
    mongo.close();
  }

  private OplogProcess.Builder agent() throws IOException {
    return OplogProcess.serving(folder).with(Map.of("OPLOG_STORE", mongo.uri("oplog")));
  }

  private OplogProcess running() throws IOException {
    OplogProcess agent = agent().start();
    agent.awaitListening();
    return agent;
  }

  private String next() {
    return "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x" + made++ + "\"}";
  }

  private HttpResponse<String> send(OplogProcess agent, HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException(agent.err(), e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> get(OplogProcess agent, String path) {
    return send(agent, HttpRequest.newBuilder(URI.create(agent.url() + path)));
  }

  private HttpResponse<String> post(OplogProcess agent) {
    String id = "x" + made;
    HttpResponse<String> answer =
        send(
            agent,
            HttpRequest.newBuilder(URI.create(agent.url() + "/ops"))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(next())));
    if (answer.statusCode() == 204) {
      acknowledged.add(id);
    }
    return answer;
  }

  private void datagram(OplogProcess agent) throws IOException {
    byte[] bytes = next().getBytes(UTF_8);
    try (DatagramSocket socket = new DatagramSocket()) {
      InetAddress host = InetAddress.getLoopbackAddress();
      socket.send(new DatagramPacket(bytes, bytes.length, host, agent.port()));
    }
  }

  private OplogProcess tail(OplogProcess agent) throws IOException {
    return OplogProcess.command(
            folder, "tail", "--url", agent.url(), "--from", "0", "--json", "--silence", "90s")
        .start();
  }

  private static List<String> ids(OplogProcess tail) {
    return tail.out()
        .lines()
        .filter(line -> line.startsWith("{\"event\":\"insert\""))
        .map(line -> line.replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1"))
        .toList();
  }

  private static long complaints(OplogProcess agent) {
    return agent.err().lines().filter(line -> line.contains(" WARN ")).count();
  }

  /**
   * Whatever keeps the database from answering, all that is told and all that goes on is the same.
   */
  private void outage(Change away, Change back) throws Exception {
    try (OplogProcess agent = running();
        OplogProcess live = tail(agent)) {
      OplogProcess.await(() -> live.out().contains("\"live\""));
      post(agent);
      OplogProcess.await(() -> ids(live).equals(List.of("x0")));

      away.make();
      HttpResponse<String> refused = post(agent);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
      OplogProcess.await(() -> get(agent, "/readyz").statusCode() == 503);
      assertThat(get(agent, "/readyz").body()).contains("the log cannot be read");
      assertThat(get(agent, "/healthz").statusCode()).isEqualTo(200);
      assertDumpGivesUp(agent);
      String udp = "x" + made;
      datagram(agent);
      OplogProcess.await(() -> get(agent, "/status").body().contains("\"queue_size\":1,"));
      try (OplogProcess begun = tail(agent)) {
        OplogProcess.await(() -> get(agent, "/status").body().contains("\"clients\":2,"));
        assertThat(post(agent).statusCode()).isEqualTo(503);
        assertThat(get(agent, "/metrics").body()).contains("oplog_ready 0.0");

        back.make();
        OplogProcess.await(() -> get(agent, "/readyz").statusCode() == 200);
        OplogProcess.await(() -> ids(live).contains(udp));
        assertThat(post(agent).statusCode()).isEqualTo(204);
        String last = acknowledged.getLast();
        OplogProcess.await(() -> ids(live).contains(last) && ids(begun).contains(last));
        assertThat(ids(live)).containsAll(acknowledged).doesNotHaveDuplicates();
        assertThat(ids(begun)).containsAll(acknowledged).contains(udp);
        assertThat(complaints(begun)).isZero();
      }
      assertThat(complaints(live)).isZero();
      assertThat(complaints(agent)).as(agent.err()).isBetween(1L, 6L);
      assertThat(agent.err()).contains("The log can be read again");
      assertThat(agent.stop()).as(agent.err()).isZero();
    }
  }

  private void assertDumpGivesUp(OplogProcess agent) throws IOException {
    OplogProcess dump =
        OplogProcess.command(folder, "dump", "--url", agent.url(), "--retry-for", "1s").run();
    assertThat(dump.exitCode()).as(dump.err()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(dump.err()).contains("has sent no event for 1.0 s");
  }

  private interface Change {
    void make() throws IOException;
  }

  @Test
  void aDatabaseThatDiedIsWaitedForAndEverythingGoesOn() throws Exception {
    outage(mongo::kill, mongo::restart);
  }

  @Test
  void aDatabaseThatStandsStillIsWaitedForAndEverythingGoesOn() throws Exception {
    outage(mongo::freeze, mongo::thaw);
  }

  @Test
  void anAgentThatIsStartedFirstWaitsForItsDatabase() throws Exception {
    mongo.kill();
    try (OplogProcess agent = agent().start()) {
      OplogProcess.await(() -> agent.err().contains("Waiting for 30 s"));
      mongo.restart();
      agent.awaitListening();
      assertThat(post(agent).statusCode()).isEqualTo(204);
      assertThat(complaints(agent)).isOne();
    }
  }

  @Test
  void anAgentThatWaitsForItsDatabaseCanBeStopped() throws Exception {
    mongo.kill();
    try (OplogProcess agent = agent().start()) {
      OplogProcess.await(() -> agent.err().contains("Waiting for 30 s"));
      assertThat(agent.stop()).isZero();
    }
  }

  @Test
  void anAgentWhoseDatabaseIsAwayCanBeStopped() throws Exception {
    try (OplogProcess agent = running()) {
      mongo.kill();
      datagram(agent);
      OplogProcess.await(() -> get(agent, "/status").body().contains("\"queue_size\":1,"));
      assertThat(agent.stop()).as(agent.err()).isZero();
    }
  }
}
