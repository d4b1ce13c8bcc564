package io.oplog.server;

import static io.oplog.server.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Retention;
import io.oplog.server.RawClient.Event;
import io.oplog.server.http.HttpOptions;
import io.oplog.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The defects of the original, as a consumer would meet them, one by one. */
class DefectsTest {
  private static final Pattern OBJECT = Pattern.compile("\"id\":\"([^\"]*)\"");

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String operation(String kind, String id, String timestamp) {
    return "{\"event\":\""
        + kind
        + "\",\"type\":\"video\",\"id\":\""
        + id
        + "\",\"timestamp\":\""
        + timestamp
        + "\"}";
  }

  private static String insert(String id) {
    return operation("insert", id, "2026-11-22T10:00:00Z");
  }

  private static String object(Event event) {
    Matcher matcher = OBJECT.matcher(event.data());
    return matcher.find() ? matcher.group(1) : "";
  }

  private RawClient from(String lastEventId) throws IOException {
    return server.stream("/", "Last-Event-ID: " + lastEventId + "\r\n");
  }

  /** Reads up to the event {@code live}, that one included. */
  private static List<Event> untilLive(RawClient stream) throws IOException {
    List<Event> events = new ArrayList<>();
    do {
      events.add(stream.event());
    } while (!events.getLast().event().equals("live"));
    return events;
  }

  @Test
  void anEmptyStoreCrashedTheDaemon() throws IOException {
    for (String id : List.of("", "0", "1", "9999999999999", "6920c0de0001000000000a2f")) {
      try (RawClient stream = from(id)) {
        stream.send("x"); // still there
      }
    }
    assertThat(server.exchange(get("/status")).body()).contains("\"status\":\"OK\"");
    server.post(insert("a"));
  }

  @Test
  void fullReplicationLostTheOperationsOfItsLastSecond() throws IOException {
    try (RawClient before = from("0")) {
      untilLive(before);
      for (int i = 0; i < 20; i++) {
        String id = server.post(insert("o" + i));
        assertThat(before.event().id()).isEqualTo(id);
        try (RawClient stream = from("0")) {
          assertThat(untilLive(stream).stream().map(DefectsTest::object)).contains("o" + i);
        }
      }
    }
  }

  /** The states were committed at different times, so the id where it was cut is not the log's. */
  @Test
  void anInterruptedReplicationDroppedDeletes() throws IOException {
    ManualClock clock = new ManualClock();
    MemoryStore store = new MemoryStore(clock, Retention.FOREVER);
    try (TestServer timed = TestServer.start(store, options -> options)) {
      timed.post(insert("a"));
      clock.pass(Duration.ofMinutes(1));
      timed.post("[" + insert("b") + "," + insert("c") + "]");
      String cutAt = firstState(timed, "a");
      clock.pass(Duration.ofMinutes(1));
      timed.post(operation("delete", "a", "2026-11-22T11:00:00Z"));
      try (RawClient resumed = timed.stream("/", "Last-Event-ID: " + cutAt + "\r\n")) {
        assertThat(untilLive(resumed).stream().map(event -> event.event() + " " + object(event)))
            .containsExactly("insert b", "insert c", "delete a", "live ");
      }
    }
  }

  /** Begins a replication, and cuts it after its first state. */
  private static String firstState(TestServer from, String expected) throws IOException {
    try (RawClient cut = from.stream("/", "Last-Event-ID: 0\r\n")) {
      assertThat(cut.event().event()).isEqualTo("reset");
      Event state = cut.event();
      assertThat(object(state)).isEqualTo(expected);
      return state.id();
    }
  }

  @Test
  void aThousandStatesWithOneTimestampLoopedForEver() throws IOException {
    String body =
        IntStream.range(0, 5000).mapToObj(i -> insert("o" + i)).collect(Collectors.joining("\n"));
    server.exchange(RawClient.post("application/x-ndjson", body, ""));
    try (RawClient stream = from("0")) {
      List<Event> events = untilLive(stream);
      assertThat(events.stream().map(DefectsTest::object).distinct()).hasSize(5002 - 1);
    }
  }

  @Test
  void liveCouldCarryAnEmptyId() throws IOException {
    try (RawClient empty = from("0")) {
      assertThat(untilLive(empty)).allMatch(event -> event.id().matches("[0-9a-f]{24}"));
    }
    server.post(insert("a"));
    try (RawClient stream = server.stream("/?types=nobody", "Last-Event-ID: 0\r\n")) {
      Event live = untilLive(stream).getLast();
      assertThat(live.id()).matches("[0-9a-f]{24}").endsWith("1");
      assertThat(live.data()).isEqualTo("{}");
    }
  }

  @Test
  void aLostCursorLeftASilentGap() throws IOException {
    server.post(insert("a"));
    try (RawClient stream = from("6920c0de0001000000000a2f")) {
      Event reset = stream.event();
      assertThat(reset.event()).isEqualTo("reset");
      assertThat(reset.data()).contains("reason");
      assertThat(object(stream.event())).isEqualTo("a");
    }
  }

  @Test
  void controlEventsHadNoDataAndBrowsersDroppedThem() throws IOException {
    try (RawClient stream = from("0")) {
      assertThat(untilLive(stream)).allMatch(event -> event.data().startsWith("{"));
    }
  }

  @Test
  void theStatusPagePrintedTheCommandLine() throws IOException {
    HttpOptions secrets = HttpOptions.defaults().withPasswords("r3ader", "wr1ter");
    try (TestServer guarded = TestServer.start(options -> options.withHttp(secrets))) {
      assertThat(guarded.exchange(get("/status")).body())
          .contains("\"status\":\"OK\"")
          .doesNotContain("cmdline", "password", "r3ader", "wr1ter");
    }
  }
}
