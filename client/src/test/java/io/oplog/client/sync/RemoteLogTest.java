package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import io.oplog.client.IngestClient;
import io.oplog.client.IngestClient.Elsewhere;
import io.oplog.client.IngestClient.Stored;
import io.oplog.client.RetryPolicy;
import io.oplog.client.SourceStep;
import io.oplog.client.StreamClient;
import io.oplog.client.UnavailableException;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A log behind a server that answers one request after the other as the test says. */
@Timeout(30)
class RemoteLogTest {
  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<String> asked = new ArrayList<>();
  private HttpServer server;
  private RemoteLog log;
  private RemoteLog impatient;
  private volatile boolean done;

  /** What is done with a request. */
  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/ops", this::answer);
    server.start();
    Endpoint endpoint = Endpoint.of("http://127.0.0.1:" + server.getAddress().getPort());
    RetryPolicy retry =
        new RetryPolicy(Duration.ofMillis(10), Duration.ofMillis(10), Duration.ofSeconds(10));
    log = log(endpoint, retry, Duration.ofSeconds(10));
    impatient = log(endpoint, retry, Duration.ofMillis(300));
  }

  private static RemoteLog log(Endpoint endpoint, RetryPolicy retry, Duration patience) {
    return new RemoteLog(
        new StreamClient(endpoint, retry, Duration.ofSeconds(10), ConnectionListener.SILENT),
        new IngestClient(endpoint, retry, ConnectionListener.SILENT),
        patience);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    String from = exchange.getRequestHeaders().getFirst("Last-Event-ID");
    String step = exchange.getRequestHeaders().getFirst("Oplog-Source");
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(step == null ? query + " from " + from : step + " " + body);
    answers.remove().to(exchange);
    exchange.close();
  }

  /** A stream that ends after some events. */
  private void streams(String... events) {
    answers.add(exchange -> {
      exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(String.join("", events).getBytes(StandardCharsets.UTF_8));
    });
  }

  private void answers(int status, String header, String value) {
    answers.add(exchange -> {
      exchange.getResponseHeaders().add(header, value);
      exchange.sendResponseHeaders(status, -1);
    });
  }

  /** One that is alive and has nothing to say. */
  private void beats() {
    answers.add(exchange -> {
      exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(reset("requested").getBytes(StandardCharsets.UTF_8));
      while (!done) {
        exchange.getResponseBody().write(new byte[] {':', '\n'});
        exchange.getResponseBody().flush();
        LockSupport.parkNanos(10_000_000);
      }
    });
  }

  @Test
  void aServerThatIsThereAndTellsNothingIsGivenUp() {
    beats();
    try {
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> impatient.states(Set.of(), new Heard()))
          .withMessageContaining("has sent no event for 0.3 s");
    } finally {
      done = true;
    }
  }

  private static EventId id(long sequence) {
    return new EventId(100, 1, sequence);
  }

  private static String event(String type, long sequence, String data) {
    return "id: " + id(sequence) + "\nevent: " + type + "\ndata: " + data + "\n\n";
  }

  private static String change(String kind, long sequence, String object) {
    return event(
        kind,
        sequence,
        "{\"timestamp\":\"1970-01-01T00:00:00.001Z\",\"type\":\"video\",\"id\":\""
            + object
            + "\"}");
  }

  private static String reset(String reason) {
    return event("reset", 0, "{\"reason\":\"" + reason + "\"}");
  }

  private static String live(long sequence) {
    return event("live", sequence, "{}");
  }

  /** What was heard since the last restart. */
  private static final class Heard implements SyncLog.Changes {
    private final List<String> changes = new ArrayList<>();

    @Override
    public void changed(EventId id, Operation operation) {
      changes.add(id.sequence() + " " + operation.kind() + " " + operation.id());
    }

    @Override
    public void restart() {
      changes.clear();
    }
  }

  private final Heard heard = new Heard();

  @Test
  void statesAndTombstonesAreHeardAndStandForThePositionOfLive() throws Exception {
    streams(reset("requested"), change("insert", 3, "x"), change("delete", 5, "y"), live(9));
    assertThat(log.states(Set.of("video", "user"), heard)).isEqualTo(id(9));
    assertThat(heard.changes)
        .containsExactly("3 " + OperationKind.INSERT + " x", "5 " + OperationKind.DELETE + " y");
    assertThat(asked).containsExactly("progress=1&tombstones=1&types=user%2Cvideo from 0");
  }

  @Test
  void aConnectionThatIsCutAmongStatesGoesOn() throws Exception {
    streams(reset("requested"), change("insert", 3, "x"));
    streams(change("insert", 4, "y"), live(4));
    assertThat(log.states(Set.of(), heard)).isEqualTo(id(4));
    assertThat(heard.changes).hasSize(2);
    assertThat(asked).last().isEqualTo("progress=1&tombstones=1 from " + id(3));
  }

  @Test
  void statesThatAreResetBeginAnew() throws Exception {
    streams(reset("requested"), change("insert", 3, "x"));
    streams(reset("deletes dropped"), change("insert", 7, "y"), live(8));
    assertThat(log.states(Set.of(), heard)).isEqualTo(id(8));
    assertThat(heard.changes).containsExactly("7 " + OperationKind.INSERT + " y");
  }

  @Test
  void aListOfTypesThatIsTooLongIsNotAskedFor() throws Exception {
    streams(live(1));
    Set<String> types =
        IntStream.range(0, 300)
            .mapToObj(n -> "type-" + n)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(log.states(types, heard)).isEqualTo(id(1));
    assertThat(asked).containsExactly("progress=1&tombstones=1 from 0");
  }

  @Test
  void followingEndsWithTheLastOperationThatIsThere() throws Exception {
    streams(change("update", 4, "x"), change("update", 5, "y"), live(5), change("update", 6, "z"));
    assertThat(log.follow(id(3), 0, heard)).isEqualTo(id(5));
    assertThat(heard.changes).hasSize(2);
    assertThat(asked).containsExactly("progress=1 from " + id(3));
  }

  @Test
  void followingWithoutAnythingNewEndsWhereItBegan() throws Exception {
    streams(live(3));
    assertThat(log.follow(id(3), 0, heard)).isEqualTo(id(3));
  }

  /** Its live may be older than the operation that was stored at another agent. */
  @Test
  void followingGoesOnToTheSequenceThatIsWantedAlsoOverACut() throws Exception {
    streams(change("update", 4, "x"), live(4));
    streams(change("update", 5, "y"), live(5), change("update", 6, "z"));
    assertThat(log.follow(id(3), 6, heard)).isEqualTo(id(6));
    assertThat(heard.changes).hasSize(3);
    assertThat(asked).last().isEqualTo("progress=1 from " + id(4));
  }

  @Test
  void followingWhatIsNotThereAnyMoreIsNotTakenForTheWhole() {
    streams(reset("lost history"), change("insert", 7, "y"), live(8));
    assertThatThrownBy(() -> log.follow(id(3), 0, heard))
        .isInstanceOf(HistoryLostException.class)
        .hasMessageContaining("lost history");
    assertThat(heard.changes).isEmpty();
  }

  @Test
  void operationsAndStepsArePublished() throws Exception {
    SourceStep step = new SourceStep("s", Optional.of("1"), "2");
    answers(204, "Oplog-Event-Id", id(7).toString());
    assertThat(log.send(new byte[] {'x'}, step))
        .isEqualTo(new Stored(Optional.of(id(7).toString())));
    answers(409, "Oplog-Source", "s; to=3");
    assertThat(log.move(step)).isEqualTo(new Elsewhere(Optional.of("3")));
    answers(409, "Oplog-Source", "s; to=3");
    assertThat(log.position("s")).contains("3");
    assertThat(asked)
        .containsExactly("s; from=1; to=2 x", "s; from=1; to=2 []", "s; from=0; to=0 []");
  }
}
