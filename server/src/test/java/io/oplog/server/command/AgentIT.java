package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.StoreException;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code oplog agent} as a process before a central server that is a process of its own. */
@Timeout(300)
class AgentIT {
  private static final String CENTRAL = "central";
  private static final String SPOOL = "spool";
  private static final int TROUBLES = Integer.getInteger("oplog.agentTroubles", 12);

  private static final List<Fault> FAULTS =
      List.of(Fault.REFUSED, Fault.STALLED, Fault.BLACK_HOLE, Fault.DEAF);

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    http.close();
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private OplogProcess opened(OplogProcess process) throws IOException {
    open.add(process);
    process.awaitListening();
    return process;
  }

  private OplogProcess central(int port, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--data", folder.resolve(CENTRAL).toString()));
    all.addAll(List.of("--listen", "127.0.0.1:" + port));
    all.addAll(List.of(options));
    return opened(OplogProcess.serving(folder, all.toArray(String[]::new)).start());
  }

  private OplogProcess agent(int to, int port, String... options) throws IOException {
    return agent(to, port, Map.of(), options);
  }

  private OplogProcess agent(int to, int port, Map<String, String> environment, String... options)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("agent", "--to", "http://127.0.0.1:" + to));
    all.addAll(List.of("--listen", "127.0.0.1:" + port));
    all.addAll(List.of(options));
    return opened(
        OplogProcess.command(folder, all.toArray(String[]::new))
            .with(Map.of("OPLOG_SPOOL", folder.resolve(SPOOL).toString()))
            .with(environment)
            .start());
  }

  private HttpResponse<String> get(OplogProcess server, String path) {
    return send(HttpRequest.newBuilder(URI.create(server.url() + path)));
  }

  private HttpResponse<String> post(OplogProcess server, String id) {
    return send(
        HttpRequest.newBuilder(URI.create(server.url() + "/ops"))
            .header("Content-Type", "application/x-ndjson")
            .POST(HttpRequest.BodyPublishers.ofString(OrderedProducer.operation(id))));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitForwarded(OplogProcess agent) {
    OplogProcess.await(() -> get(agent, "/status").body().contains("\"backlog\":0,"));
  }

  /** The ids of all operations in the central log, in order; the server must have ended. */
  private List<String> stored() throws StoreException {
    return StoredLog.read(folder.resolve(CENTRAL)).stream()
        .map(event -> event.object().substring("video/".length()))
        .toList();
  }

  private static List<String> tailed(OplogProcess tail) {
    return tail.out()
        .lines()
        .filter(line -> line.startsWith("{\"event\":\"insert\""))
        .map(line -> line.replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1"))
        .toList();
  }

  private OplogProcess tail(OplogProcess agent, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("tail", "--url", agent.url(), "--json"));
    all.addAll(List.of(options));
    OplogProcess tail = OplogProcess.command(folder, all.toArray(String[]::new)).start();
    open.add(tail);
    return tail;
  }

  @Test
  void whatIsAcknowledgedArrivesOnceAndInOrderWhoeverIsKilledOrCutOff() throws Exception {
    long seed = Long.getLong("oplog.seed", System.nanoTime() & 0xffff_ffffL);
    System.out.printf("AgentIT seed %d%n", seed);
    Random random = new Random(seed);
    OplogProcess central = central(0);
    int centralPort = central.port();
    InetAddress here = InetAddress.getLoopbackAddress();
    try (TcpProxy way = TcpProxy.to(new InetSocketAddress(here, centralPort))) {
      OplogProcess agent = agent(way.port(), 0);
      int agentPort = agent.port();
      OplogProcess tail = tail(agent, "--from", "0", "--silence", "60s");
      OrderedProducer producer = new OrderedProducer(agentPort);
      for (int i = 0; i < TROUBLES; i++) {
        int before = producer.acknowledged();
        switch (random.nextInt(5)) {
          case 0 -> {
            central.kill();
            producer.awaitMore(before, random.nextInt(50));
            central = central(centralPort);
          }
          case 1 -> {
            agent.kill();
            agent = agent(way.port(), agentPort);
          }
          case 2 -> way.cut();
          default -> {
            way.set(FAULTS.get(random.nextInt(FAULTS.size())));
            producer.awaitMore(before, random.nextInt(100));
            way.set(Fault.NONE);
          }
        }
        producer.awaitMore(producer.acknowledged(), random.nextInt(50));
      }
      int count = producer.stop();
      awaitForwarded(agent);
      List<String> expected = IntStream.range(0, count).mapToObj(i -> "x" + i).toList();
      OplogProcess.await(() -> tailed(tail).size() >= count);
      assertThat(tailed(tail)).isEqualTo(expected);
      assertThat(central.stop()).isZero();
      assertThat(stored()).isEqualTo(expected);
      System.out.printf("%d operations, %d troubles%n", count, TROUBLES);
    }
  }

  @Test
  void aCentralServerThatIsAwayIsWaitedForAndAFullSpoolRefuses() throws Exception {
    OplogProcess central = central(0);
    int port = central.port();
    central.kill();
    OplogProcess agent = agent(port, 0, "--spool-size", "1MiB");
    String text = "x".repeat(3000);
    int accepted = 0;
    HttpResponse<String> answer = post(agent, text + "0");
    while (answer.statusCode() == 204) {
      accepted++;
      answer = post(agent, text + accepted);
    }
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    assertThat(accepted).isGreaterThan(300);
    OplogProcess full = agent;
    OplogProcess.await(() -> get(full, "/readyz").statusCode() == 503);
    assertThat(get(agent, "/readyz").body()).contains("the log is full");
    OplogProcess.await(() ->
        get(full, "/metrics")
            .body()
            .contains("oplog_relay_up{to=\"http://127.0.0.1:" + port + "\"} 0.0"));
    OplogProcess.await(
        () -> get(full, "/status").body().contains("cannot connect to http://127.0.0.1:" + port));
    assertThat(get(agent, "/status").body()).contains("\"backlog\":" + accepted + ",");
    assertThat(get(agent, "/ops").statusCode()).isEqualTo(503);

    OplogProcess again = central(port);
    awaitForwarded(agent);
    agent.kill(); // before what was passed on is dropped: a full spool that has nothing to send
    agent = agent(port, 0, "--spool-size", "1MiB");
    OplogProcess restarted = agent;
    OplogProcess.await(() -> post(restarted, "last").statusCode() == 204);
    awaitForwarded(agent);
    assertThat(get(agent, "/readyz").statusCode()).isEqualTo(200);
    assertThat(agent.stop()).isZero();
    assertThat(again.stop()).isZero();
    List<String> stored = stored();
    assertThat(stored).hasSize(accepted + 1).doesNotHaveDuplicates().endsWith("last");
  }

  @Test
  void passwordsLimitsAndCopiesOfASpool() throws Exception {
    OplogProcess central = central(0, "--max-id", "10");
    Path copy = folder.resolve("copy");
    OplogProcess agent = agent(central.port(), 0);
    assertThat(post(agent, "far-too-long-for-the-central-server").statusCode()).isEqualTo(204);
    assertThat(post(agent, "a").statusCode()).isEqualTo(204);
    awaitForwarded(agent);
    assertThat(get(agent, "/status").body()).contains("\"sent\":1,").contains("\"refused\":1");
    assertThat(agent.err()).contains("refuses video/far-too-long-for-the-central-server");
    assertThat(agent.stop()).isZero();
    copy(folder.resolve(SPOOL), copy);

    OplogProcess first = agent(central.port(), 0);
    assertThat(post(first, "b").statusCode()).isEqualTo(204);
    awaitForwarded(first);
    assertThat(first.stop()).isZero();
    OplogProcess second = agent(central.port(), 0, "--spool", copy.toString());
    assertThat(post(second, "c").statusCode()).isEqualTo(204);
    awaitForwarded(second);
    assertThat(second.err()).contains("it was copied, or put back to an earlier state");
    assertThat(second.stop()).isZero();
    assertThat(central.stop()).isZero();
    assertThat(stored()).contains("a", "b", "c").endsWith("c");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  @Test
  void aWrongPasswordIsToldAndNothingIsLost() throws Exception {
    OplogProcess central = central(0, "--password", "r", "--ingest-password", "w");
    OplogProcess wrong = agent(central.port(), 0, Map.of("OPLOG_TO_INGEST_PASSWORD", "x"));
    assertThat(post(wrong, "a").statusCode()).isEqualTo(204);
    OplogProcess.await(() -> get(wrong, "/status").body().contains("wants another password"));
    assertThat(get(wrong, "/ops").statusCode()).isEqualTo(503);
    assertThat(get(wrong, "/ops").body()).contains("--to-password");
    assertThat(wrong.stop()).isZero();
    OplogProcess right =
        agent(
            central.port(),
            0,
            Map.of("OPLOG_TO_INGEST_PASSWORD", "w", "OPLOG_TO_PASSWORD", "r"),
            "--password",
            "own");
    awaitForwarded(right);
    assertThat(get(right, "/ops").statusCode()).isEqualTo(401);
    OplogProcess tail = tail(right, "--from", "0", "--exit-at-live", "--password", "own");
    assertThat(tail.awaitEnd()).as(tail.err()).isZero();
    assertThat(tailed(tail)).containsExactly("a");
    assertThat(right.stop()).isZero();
  }
}
