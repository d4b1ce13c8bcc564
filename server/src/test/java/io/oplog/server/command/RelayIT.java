package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.testkit.ReadEvent;
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

/** {@code oplog relay} as a process between servers that are processes of their own. */
@Timeout(300)
class RelayIT {
  private static final String MAIN = "main";
  private static final String MIRROR = "mirror";
  private static final int TROUBLES = Integer.getInteger("oplog.relayTroubles", 6);

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

  private OplogProcess server(String data, int port, String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--data", folder.resolve(data).toString()));
    all.addAll(List.of("--listen", "127.0.0.1:" + port));
    all.addAll(List.of(options));
    OplogProcess server = OplogProcess.serving(folder, all.toArray(String[]::new)).start();
    open.add(server);
    server.awaitListening();
    return server;
  }

  private OplogProcess relay(Map<String, String> environment, String... options)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("relay"));
    all.addAll(List.of(options));
    OplogProcess relay =
        OplogProcess.command(folder, all.toArray(String[]::new)).with(environment).start();
    open.add(relay);
    return relay;
  }

  private OplogProcess relay(int from, int to) throws IOException {
    return relay(Map.of(), "--from", "http://127.0.0.1:" + from, "--to", "http://127.0.0.1:" + to);
  }

  private void post(OplogProcess server, String lines) throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(server.url() + "/ops"))
                .header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(lines))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
  }

  private String get(String url) {
    try {
      return http.send(
              HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitHead(OplogProcess server, int head) {
    OplogProcess.await(() -> get(server.url() + "/status").contains("\"head\":" + head + ","));
  }

  private List<String> stored(String data) throws Exception {
    return StoredLog.read(folder.resolve(data)).stream().map(ReadEvent::toString).toList();
  }

  @Test
  void everyChangeArrivesOnceAndInOrderWhoeverIsKilledOrCutOff() throws Exception {
    long seed = Long.getLong("oplog.seed", System.nanoTime() & 0xffff_ffffL);
    System.out.printf("RelayIT seed %d%n", seed);
    Random random = new Random(seed);
    OplogProcess main = server(MAIN, 0);
    OplogProcess mirror = server(MIRROR, 0);
    int mainPort = main.port();
    int mirrorPort = mirror.port();
    InetAddress here = InetAddress.getLoopbackAddress();
    try (TcpProxy from = TcpProxy.to(new InetSocketAddress(here, mainPort));
        TcpProxy to = TcpProxy.to(new InetSocketAddress(here, mirrorPort))) {
      OplogProcess relay = relay(from.port(), to.port());
      OplogProcess begun = relay;
      OplogProcess.await(() -> begun.err().contains("Changes are passed on to"));
      OrderedProducer producer = new OrderedProducer(mainPort);
      for (int i = 0; i < TROUBLES; i++) {
        int before = producer.acknowledged();
        switch (random.nextInt(5)) {
          case 0 -> {
            main.kill();
            main = server(MAIN, mainPort);
          }
          case 1 -> {
            mirror.kill();
            producer.awaitMore(before, random.nextInt(50));
            mirror = server(MIRROR, mirrorPort);
          }
          case 2 -> {
            relay.kill();
            producer.awaitMore(before, random.nextInt(50));
            relay = relay(from.port(), to.port());
          }
          case 3 -> {
            from.cut();
            to.cut();
          }
          default -> {
            TcpProxy way = random.nextBoolean() ? from : to;
            way.set(FAULTS.get(random.nextInt(FAULTS.size())));
            producer.awaitMore(before, random.nextInt(100));
            way.set(Fault.NONE);
          }
        }
        producer.awaitMore(producer.acknowledged(), random.nextInt(50));
      }
      int count = producer.stop();
      awaitHead(mirror, count);
      assertThat(relay.stop()).isZero();
      assertThat(mirror.stop()).isZero();
      assertThat(stored(MIRROR))
          .isEqualTo(
              IntStream.range(0, count).mapToObj(i -> i + 1 + " insert video/x" + i).toList());
      System.out.printf("%d operations, %d troubles%n", count, TROUBLES);
    }
  }

  /** The other one has another history, so nothing that followed the position is to be had. */
  @Test
  void aServerInThePlaceOfAnotherIsToldInFullAndWhatItLacksIsDeleted() throws Exception {
    OplogProcess main = server(MAIN, 0);
    OplogProcess mirror = server(MIRROR, 0, "--ingest-password", "w", "--password", "r");
    post(main, OrderedProducer.operation("a") + OrderedProducer.operation("b"));
    Map<String, String> passwords =
        Map.of("OPLOG_TO_INGEST_PASSWORD", "w", "OPLOG_TO_PASSWORD", "r");
    String[] ends = {
      "--from", main.url(), "--to", mirror.url(), "--types", "video", "--listen", "127.0.0.1:0"
    };
    OplogProcess relay = relay(passwords, ends);
    awaitHead(mirror, 2);
    relay.awaitListeningOnError();
    OplogProcess.await(() ->
        get(relay.urlOnError() + "/metrics")
            .contains("oplog_relay_backlog{to=\"" + mirror.url() + "\"} 0.0"));
    assertThat(get(relay.urlOnError() + "/readyz")).isEqualTo("ready\n");
    assertThat(get(relay.urlOnError() + "/status")).contains("\"reconciled\":1,");
    int port = main.port();
    main.kill();
    OplogProcess.await(() -> get(relay.urlOnError() + "/readyz").contains("cannot connect"));
    OplogProcess other = server("other", port);
    post(other, OrderedProducer.operation("b") + OrderedProducer.operation("c"));
    awaitHead(mirror, 5);
    assertThat(relay.stop()).isZero();
    assertThat(mirror.stop()).isZero();
    assertThat(stored(MIRROR))
        .startsWith("1 insert video/a", "2 insert video/b")
        .hasSize(5)
        .anyMatch(line -> line.endsWith("delete video/a"))
        .anyMatch(line -> line.endsWith("update video/b"))
        .anyMatch(line -> line.endsWith("insert video/c"));
  }

  @Test
  void aServerCapturesIntoItsOwnLogAndGoesOnAfterAKill() throws Exception {
    OplogProcess main = server(MAIN, 0, "--password", "r");
    post(main, OrderedProducer.operation("a"));
    String[] options = {
      "--capture", main.url(), "--password", "own", "--ingest-password", "w", "--no-udp"
    };
    OplogProcess mirror = capturing(options);
    OplogProcess.await(() -> get(mirror.url() + "/status").contains("\"reconciled\":1,"));
    mirror.kill();
    post(main, OrderedProducer.operation("b"));
    OplogProcess again = capturing(options);
    awaitHead(again, 2);
    OplogProcess.await(() -> get(again.url() + "/status").contains("\"sent\":1,"));
    assertThat(get(again.url() + "/status"))
        .contains("\"to\":\"this log from " + main.url() + "\"")
        .contains("\"reconciled\":0,");
    assertThat(again.stop()).isZero();
    assertThat(stored(MIRROR)).containsExactly("1 insert video/a", "2 insert video/b");
  }

  private OplogProcess capturing(String... options) throws IOException {
    List<String> all = new ArrayList<>(List.of("--data", folder.resolve(MIRROR).toString()));
    all.addAll(List.of(options));
    OplogProcess server =
        OplogProcess.serving(folder, all.toArray(String[]::new))
            .with(Map.of("OPLOG_CAPTURE_PASSWORD", "r"))
            .start();
    open.add(server);
    server.awaitListening();
    return server;
  }

  @Test
  void linesGoOnWhereThePositionInTheFileIs() throws Exception {
    OplogProcess main = server(MAIN, 0);
    post(main, OrderedProducer.operation("a"));
    Path file = folder.resolve("position");
    String[] ends = {"--from", main.url(), "--to", "-", "--state-file", file.toString()};
    OplogProcess first = relay(Map.of(), ends);
    OplogProcess.await(() -> first.out().contains("{\"event\":\"live\"}"));
    assertThat(first.stop()).isZero();
    assertThat(first.out()).startsWith("{\"event\":\"reset\"").contains("\"id\":\"a\"");
    post(main, OrderedProducer.operation("b"));
    OplogProcess second = relay(Map.of(), ends);
    OplogProcess.await(() -> second.out().contains("\"id\":\"b\""));
    assertThat(second.stop()).isZero();
    assertThat(second.out()).doesNotContain("reset").doesNotContain("\"id\":\"a\"");
    Files.writeString(file, "nonsense");
    OplogProcess third = relay(Map.of(), ends);
    assertThat(third.awaitEnd()).isEqualTo(ExitCode.DATA);
    assertThat(third.err()).contains("holds no position of a relay");
  }

  @Test
  void whatOnlyAnOperatorCanMendEndsTheCommandAndWhatIsAwayIsWaitedFor() throws Exception {
    OplogProcess main = server(MAIN, 0, "--password", "r");
    OplogProcess wrong =
        relay(Map.of("OPLOG_FROM_PASSWORD", "x"), "--from", main.url(), "--to", "-");
    assertThat(wrong.awaitEnd()).isEqualTo(ExitCode.PASSWORD);
    int port = main.port();
    main.kill();
    OplogProcess early =
        relay(
            Map.of("OPLOG_FROM_PASSWORD", "r"), "--from", "http://127.0.0.1:" + port, "--to", "-");
    OplogProcess.await(() -> early.err().contains("it is waited for"));
    OplogProcess again = server(MAIN, port, "--password", "r");
    post(again, OrderedProducer.operation("a"));
    OplogProcess.await(() -> early.out().contains("\"id\":\"a\""));
    assertThat(early.stop()).isZero();
  }
}
