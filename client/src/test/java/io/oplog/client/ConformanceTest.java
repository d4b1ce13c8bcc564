package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.JsonCases.Case;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Rfc3339;
import io.oplog.protocol.SseEvent;
import io.oplog.protocol.SseException;
import io.oplog.protocol.SseListener;
import io.oplog.protocol.SseParser;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases that all client libraries run, see {@code clients/README.md}. */
class ConformanceTest {
  private static final String ID = "6920c0de0001000000000a2f";

  static Stream<Case> sse() throws IOException {
    return JsonCases.of("sse.json");
  }

  static Stream<Case> events() throws IOException {
    return JsonCases.of("events.json");
  }

  static Stream<Case> requests() throws IOException {
    return JsonCases.of("requests.json");
  }

  static Stream<Case> answers() throws IOException {
    return JsonCases.of("answers.json");
  }

  static Stream<Case> checkpoints() throws IOException {
    return JsonCases.of("checkpoints.json");
  }

  /** What a parser tells. */
  private static final class Heard implements SseListener {
    final List<SseEvent> events = new ArrayList<>();
    final List<Long> retries = new ArrayList<>();
    long comments;

    @Override
    public void onEvent(SseEvent event) {
      events.add(event);
    }

    @Override
    public void onRetry(long millis) {
      retries.add(millis);
    }

    @Override
    public void onComment() {
      comments++;
    }
  }

  @ParameterizedTest
  @MethodSource("sse")
  void bytesBecomeEvents(Case one) throws Exception {
    List<byte[]> chunks = one.list("chunks").stream().map(ConformanceTest::bytes).toList();
    if (one.has("error")) {
      assertThatThrownBy(() -> hear(one, chunks))
          .isInstanceOf(SseException.class)
          .message()
          .containsIgnoringCase(one.text("error"));
      return;
    }
    hear(one, chunks);
    hear(one, chunks.stream().flatMap(ConformanceTest::oneByOne).toList());
  }

  private static void hear(Case one, List<byte[]> chunks) throws SseException {
    SseParser parser = new SseParser();
    Heard heard = new Heard();
    for (byte[] chunk : chunks) {
      parser.feed(chunk, 0, chunk.length, heard);
    }
    assertThat(heard.events)
        .isEqualTo(one.list("events").stream().map(ConformanceTest::event).toList());
    assertThat(heard.retries).isEqualTo(one.list("retries"));
    assertThat(heard.comments).isEqualTo(one.value("comments"));
    assertThat(parser.lastEventId()).isEqualTo(one.text("lastEventId"));
  }

  private static Stream<byte[]> oneByOne(byte[] chunk) {
    return Stream.iterate(0, i -> i < chunk.length, i -> i + 1).map(i -> new byte[] {chunk[i]});
  }

  private static byte[] bytes(Object chunk) {
    return chunk instanceof Map && Case.of(chunk).has("base64")
        ? Base64.getDecoder().decode(Case.of(chunk).text("base64"))
        : text(chunk).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    Case repeated = Case.of(value);
    return repeated.text("text").repeat(((Long) repeated.value("repeat")).intValue());
  }

  private static SseEvent event(Object value) {
    Case event = Case.of(value);
    return new SseEvent(event.text("lastEventId"), event.text("type"), text(event.value("data")));
  }

  @ParameterizedTest
  @MethodSource("events")
  void anEventIsDecoded(Case one) {
    SseEvent event = event(one.value("event"));
    if (one.has("error")) {
      assertThatThrownBy(() -> StreamEvent.decode(event))
          .isInstanceOf(IllegalArgumentException.class)
          .message()
          .contains(one.text("error"));
    } else {
      assertThat(told(StreamEvent.decode(event))).isEqualTo(one.value("is"));
    }
  }

  private static Map<String, Object> told(StreamEvent event) {
    if (event instanceof StreamEvent.Change change) {
      Map<String, Object> fields = new HashMap<>();
      fields.put("kind", change.operation().kind().wireName());
      fields.put("type", change.operation().type());
      fields.put("id", change.operation().id());
      fields.put("parents", change.operation().parents());
      fields.put("timestamp", Rfc3339.format(change.operation().timestampMillis()));
      fields.put("ref", change.ref());
      fields.put("eventId", change.id().toString());
      return Map.of("operation", fields);
    }
    if (event instanceof StreamEvent.Reset reset) {
      Map<String, Object> fields = Map.of("reason", reset.reason(), "eventId", "" + reset.id());
      return Map.of("reset", fields);
    }
    if (event instanceof StreamEvent.Live live) {
      return Map.of("live", Map.of("eventId", "" + live.id()));
    }
    return event instanceof StreamEvent.Progress progress
        ? Map.of("progress", Map.of("eventId", "" + progress.id()))
        : Map.of("unknown", Map.of());
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aStreamIsAskedFor(Case one) throws Exception {
    Case follow = one.object("follow");
    Filter filter = new Filter(texts(follow, "types"), texts(follow, "parents"));
    String from = follow.has("from") ? follow.text("from") : "";
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> live(out));
        ReconnectingStream stream =
            new StreamClient(server.endpoint()).reconnecting(filter, from)) {
      stream.next();
      ScriptedServer.Request request = server.requests().get(0);
      assertThat(request.target()).endsWith("?" + one.text("query"));
      assertThat(request.header("last-event-id"))
          .isEqualTo(one.has("lastEventId") ? one.text("lastEventId") : "");
      assertThat(request.header("accept")).isEqualTo("text/event-stream");
    }
  }

  private static Set<String> texts(Case follow, String name) {
    Set<String> texts = new HashSet<>();
    if (follow.has(name)) {
      follow.list(name).forEach(text -> texts.add((String) text));
    }
    return texts;
  }

  private static void live(OutputStream out) throws IOException {
    String event = "id: " + ID + "\nevent: live\ndata: {}\n\n";
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    out.write((head + event).getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAnswerIsAStreamOrSomethingElse(Case one) throws Exception {
    String password = one.has("password") && one.value("password").equals(true) ? "secret" : null;
    List<Duration> waits = new ArrayList<>();
    ConnectionListener listener =
        new ConnectionListener() {
          @Override
          public void connected() {}

          @Override
          public void lost(IOException cause, Duration wait) {
            waits.add(wait);
          }
        };
    RetryPolicy once = new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ZERO);
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> answer(one, n, out));
        ReconnectingStream stream =
            new StreamClient(
                    server.endpoint().withPassword(password),
                    once,
                    StreamClient.DEFAULT_SILENCE,
                    listener)
                .reconnecting(Filter.ALL, "")) {
      assertThat(outcome(one, stream, waits)).isEqualTo(one.text("is"));
    }
  }

  private static String outcome(Case one, ReconnectingStream stream, List<Duration> waits)
      throws Exception {
    if (one.text("is").equals("again") && !one.value("after").equals(0L)) {
      return new Later(stream, waits).outcome(Duration.ofSeconds((Long) one.value("after")));
    }
    try {
      stream.next();
      return waits.isEmpty() ? "stream" : "again";
    } catch (RefusedException e) {
      return e.reason().name();
    }
  }

  /** Waits for as long as the server has asked for, which is too long for a test. */
  private record Later(ReconnectingStream stream, List<Duration> waits) {
    String outcome(Duration expected) throws InterruptedException {
      Thread waiting =
          new Thread(() -> {
            try {
              stream.next();
            } catch (IOException | InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      waiting.start();
      while (waits.isEmpty() && waiting.isAlive()) {
        Thread.onSpinWait();
      }
      stream.close();
      waiting.join();
      assertThat(waits).containsExactly(expected);
      return "again";
    }
  }

  private static void answer(Case one, int n, OutputStream out) throws IOException {
    if (n > 0) {
      live(out);
      return;
    }
    StringBuilder head = new StringBuilder("HTTP/1.1 " + one.value("status") + " Answer\r\n");
    one.object("headers")
        .fields()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    out.write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
    if (one.text("is").equals("stream")) {
      out.write(("id: " + ID + "\nevent: live\ndata: {}\n\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void theCheckpointIsBeforeTheFirstThatIsNotDone(Case one) {
    Acknowledgements acknowledgements = new Acknowledgements();
    for (Object value : one.list("steps")) {
      Case step = Case.of(value);
      apply(step, acknowledgements);
      assertThat(acknowledgements.checkpoint().map(EventId::toString).orElse(null))
          .as(step.toString())
          .isEqualTo(step.fields().get("checkpoint"));
    }
  }

  private static void apply(Case step, Acknowledgements acknowledgements) {
    if (step.has("event")) {
      acknowledgements.handedOut(EventId.parse(step.text("event")), kind(step));
    } else if (step.has("progress")) {
      acknowledgements.progressed(EventId.parse(step.text("progress")));
    } else {
      acknowledgements.acknowledged(EventId.parse(step.text("acknowledge")), kind(step));
    }
  }

  private static Acknowledgements.Kind kind(Case step) {
    return step.has("kind") ? Acknowledgements.Kind.LIVE : Acknowledgements.Kind.CHANGE;
  }
}
