package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.oplog.protocol.EventId;
import io.oplog.server.crash.Wire.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A producer over HTTP. An anonymous one never repeats a body; a source repeats each until it knows
 * that it is stored.
 */
final class Producer extends Worker {
  private final Access access;
  private final Script script;
  private final Ledger ledger;
  private final SplittableRandom random;
  private final int mostOperations;
  private final @Nullable String source;
  private @Nullable Body unsettled;
  private long step;
  private long lastSequence;
  private Duration mostPause = Duration.ofMillis(3);

  private Producer(
      Access access,
      Script script,
      Ledger ledger,
      SplittableRandom random,
      int mostOperations,
      @Nullable String source) {
    super(source == null ? "producer of at most " + mostOperations : source);
    this.access = access;
    this.script = script;
    this.ledger = ledger;
    this.random = random;
    this.mostOperations = mostOperations;
    this.source = source;
  }

  /** Sends one operation at a time. */
  static Producer single(Access access, Script script, Ledger ledger, SplittableRandom random) {
    return new Producer(access, script, ledger, random, 1, null);
  }

  /** Sends NDJSON. */
  static Producer batches(Access access, Script script, Ledger ledger, SplittableRandom random) {
    return new Producer(access, script, ledger, random, 40, null);
  }

  /** Sends large bodies of NDJSON. */
  static Producer bulk(Access access, Script script, Ledger ledger, SplittableRandom random) {
    return new Producer(access, script, ledger, random, 8000, null);
  }

  /** Sends NDJSON with {@code Oplog-Source}. */
  static Producer source(
      String name, Access access, Script script, Ledger ledger, SplittableRandom random) {
    return new Producer(access, script, ledger, random, 10, name);
  }

  /** Waits for at most so long between its requests; to be said before it starts. */
  Producer pausing(Duration most) {
    mostPause = most;
    return this;
  }

  @Override
  void work() throws IOException {
    try (Wire wire = access.connect()) {
      while (!stopped()) {
        exchange(wire);
        pause(Duration.ofNanos(random.nextLong(mostPause.toNanos())));
      }
    }
  }

  private void exchange(Wire wire) throws IOException {
    Body body = due();
    wire.send("POST", "/ops", headers(body), bytes(script, body));
    settle(body, wire.receive());
  }

  private Body due() {
    Body due = unsettled;
    if (due == null || source == null) {
      due = ledger.next(1 + random.nextInt(mostOperations), nextStep());
      unsettled = due;
    }
    return due;
  }

  private Body.@Nullable Step nextStep() {
    return source == null ? null : new Body.Step(source, ++step);
  }

  private Map<String, String> headers(Body body) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Content-Type", mostOperations == 1 ? "application/json" : "application/x-ndjson");
    if (body.step() != null) {
      headers.put("Oplog-Source", body.step().header());
    }
    return headers;
  }

  private static byte[] bytes(Script script, Body body) {
    return LongStream.rangeClosed(body.first(), body.last())
        .mapToObj(script::json)
        .collect(Collectors.joining("\n"))
        .getBytes(StandardCharsets.UTF_8);
  }

  private void settle(Body body, Answer answer) {
    ledger.answered(answer.status());
    switch (answer.status()) {
      case 204 -> stored(body, id(answer));
      case 409 -> conflict(body, answer);
      case 429, 503 -> pause(Duration.ofMillis(20));
      default -> fail("a good body was answered with " + answer);
    }
  }

  private void stored(Body body, EventId last) {
    assertThat(last.sequence())
        .as("the position after %d", lastSequence)
        .isGreaterThan(lastSequence);
    lastSequence = last.sequence();
    unsettled = null;
    ledger.acknowledged(body, last);
  }

  private void conflict(Body body, Answer answer) {
    assertThat(body.step()).as("the step that was refused with %s", answer).isNotNull();
    assertThat(answer.header("Oplog-Source"))
        .as("where the source stands")
        .isEqualTo(source + "; to=" + step);
    unsettled = null;
    ledger.acknowledged(body, null);
  }

  private static EventId id(Answer answer) {
    return EventId.parse(String.valueOf(answer.header("Oplog-Event-Id")));
  }

  /** Sends one operation now, and returns its id. The server must be there. */
  static EventId mark(int port, Script script, Ledger ledger) throws IOException {
    Body body = ledger.next(1, null);
    try (Wire wire = Wire.connect(port)) {
      wire.send("POST", "/ops", Map.of("Content-Type", "application/json"), bytes(script, body));
      Answer answer = wire.receive();
      if (answer.status() == 503 || answer.status() == 429) {
        throw new IOException("the server takes nothing now: " + answer);
      }
      assertThat(answer.status()).as("%s", answer).isEqualTo(204);
      EventId id = id(answer);
      ledger.acknowledged(body, id);
      return id;
    }
  }
}
