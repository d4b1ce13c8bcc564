package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AcknowledgedStreamTest {
  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
  private static final String DATA =
      "{\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[],\"type\":\"video\",\"id\":\"x\"}";

  private final Memory memory = new Memory();
  private final StringBuilder said = new StringBuilder(HEAD);
  private ScriptedServer server;

  /** A store that remembers what was saved. */
  private static final class Memory implements CheckpointStore {
    final List<String> saved = new ArrayList<>();
    boolean isBroken;

    @Override
    public Optional<String> load() {
      return saved.isEmpty() ? Optional.empty() : Optional.of(saved.get(saved.size() - 1));
    }

    @Override
    public void save(String eventId) throws IOException {
      if (isBroken) {
        throw new IOException("the disk is full");
      }
      saved.add(eventId);
    }
  }

  @BeforeEach
  void open() throws IOException {
    server = new ScriptedServer((n, request, out) -> answer(out));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void answer(OutputStream out) throws IOException {
    out.write(said.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String id(int number) {
    return new EventId(0x6920c0deL, 1, number).toString();
  }

  private void says(String event, int number) {
    String data = event.equals("insert") ? DATA : "{}";
    said.append("id: ").append(id(number)).append("\nevent: ").append(event);
    said.append("\ndata: ").append(data).append("\n\n");
  }

  private AcknowledgedStream stream(Duration saveEvery) throws IOException {
    return new StreamClient(server.endpoint()).follow(Filter.ALL, "0", memory, saveEvery);
  }

  private static List<StreamEvent> take(AcknowledgedStream stream, int count) throws Exception {
    List<StreamEvent> events = new ArrayList<>();
    while (events.size() < count) {
      events.add(stream.next());
    }
    return events;
  }

  @Test
  void theCheckpointIsSavedUpToWhatIsAcknowledgedWithoutAGap() throws Exception {
    says("reset", 0);
    says("insert", 1);
    says("live", 1);
    says("insert", 2);
    try (AcknowledgedStream stream = stream(Duration.ZERO)) {
      List<StreamEvent> events = take(stream, 4);
      stream.acknowledge(events.get(3));
      stream.acknowledge(events.get(1));
      assertThat(memory.saved).isEmpty();
      stream.acknowledge(events.get(0));
      assertThat(memory.saved).containsExactly(id(1));
      stream.acknowledge(events.get(2));
      assertThat(memory.saved).containsExactly(id(1), id(2));
      assertThat(stream.checkpoint()).contains(EventId.parse(id(2)));
    }
    assertThat(server.requests().get(0).header("last-event-id")).isEqualTo("0");
  }

  @Test
  void progressMovesTheCheckpointAndIsNotHandedOut() throws Exception {
    says("progress", 5);
    says("later", 6);
    says("insert", 7);
    try (AcknowledgedStream stream = stream(Duration.ZERO)) {
      assertThat(stream.next()).isInstanceOf(StreamEvent.Change.class);
      assertThat(memory.saved).containsExactly(id(5));
    }
  }

  @Test
  void aConsumerThatComesBackGoesOnFromTheCheckpoint() throws Exception {
    memory.saved.add(id(9));
    says("insert", 10);
    try (AcknowledgedStream stream = stream(Duration.ZERO)) {
      stream.next();
      assertThat(server.requests().get(0).header("last-event-id")).isEqualTo(id(9));
    }
    assertThat(memory.saved).as("nothing was acknowledged").containsExactly(id(9));
  }

  @Test
  void whatIsNotDueIsSavedAtTheEnd() throws Exception {
    says("insert", 1);
    try (AcknowledgedStream stream = stream(Duration.ofHours(1))) {
      stream.acknowledge(stream.next());
      assertThat(memory.saved).isEmpty();
    }
    assertThat(memory.saved).containsExactly(id(1));
  }

  @Test
  void aCheckpointThatCannotBeSavedIsTold() throws Exception {
    says("insert", 1);
    AcknowledgedStream stream = stream(Duration.ZERO);
    StreamEvent event = stream.next();
    memory.isBroken = true;
    assertThatThrownBy(() -> stream.acknowledge(event)).hasMessage("the disk is full");
    memory.isBroken = false;
    stream.close();
    assertThat(memory.saved).containsExactly(id(1));
  }

  private void changes(String object, int number) {
    said.append("id: ").append(id(number)).append("\nevent: update\ndata: ");
    said.append(DATA.replace("\"id\":\"x\"", "\"id\":\"" + object + "\"")).append("\n\n");
  }

  private static String shown(StreamEvent event) {
    return event instanceof StreamEvent.Change change
        ? change.operation().id() + change.id().sequence()
        : event.getClass().getSimpleName();
  }

  @Test
  void handlersOfOneObjectFollowEachOtherAndThoseOfOthersRunBeside() throws Exception {
    changes("a", 1);
    changes("a", 2);
    changes("b", 3);
    List<String> handled = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch other = new CountDownLatch(1);
    try (AcknowledgedStream stream = stream(Duration.ZERO)) {
      EventHandler handler =
          event -> {
            handled.add(shown(event));
            if (shown(event).equals("a1")) {
              assertThat(other.await(20, TimeUnit.SECONDS)).isTrue();
              handled.add("a1 is done");
            } else if (shown(event).equals("b3")) {
              other.countDown();
            } else {
              throw new IllegalStateException("enough");
            }
          };
      assertThatThrownBy(() -> stream.process(handler, 2)).hasMessage("enough");
      assertThat(handled).containsExactlyInAnyOrder("a1", "b3", "a1 is done", "a2");
      assertThat(handled.indexOf("a2")).isGreaterThan(handled.indexOf("a1 is done"));
      assertThat(stream.checkpoint()).contains(EventId.parse(id(1)));
    }
  }

  @Test
  void aResetWaitsForAllBeforeItAndNothingBeginsBeforeItIsDone() throws Exception {
    for (int number = 1; number < 50; number++) {
      changes("o" + number, number);
    }
    says("reset", 0);
    for (int number = 50; number < 100; number++) {
      changes("o" + number, number);
    }
    List<String> handled = Collections.synchronizedList(new ArrayList<>());
    try (AcknowledgedStream stream = stream(Duration.ZERO)) {
      EventHandler handler =
          event -> {
            handled.add(shown(event));
            if (handled.size() == 100) {
              throw new IllegalStateException("enough");
            }
          };
      assertThatThrownBy(() -> stream.process(handler, 4)).hasMessage("enough");
    }
    assertThat(handled.indexOf("Reset")).isEqualTo(49);
    assertThat(handled.subList(50, 100)).allMatch(one -> one.matches("o[5-9]\\d[5-9]\\d"));
  }

  @Test
  void anErrorOfAHandlerEndsTheProcessing() throws Exception {
    says("insert", 1);
    try (AcknowledgedStream stream = stream(Duration.ZERO)) {
      assertThatThrownBy(() ->
              stream.process(
                  event -> {
                    throw new AssertionError("a handler");
                  },
                  2))
          .isInstanceOf(AssertionError.class)
          .hasMessage("a handler");
    }
    assertThat(memory.saved).isEmpty();
  }

  @Test
  void whatIsAcknowledgedAfterTheEndIsNotSaved() throws Exception {
    says("insert", 1);
    says("insert", 2);
    AcknowledgedStream stream = stream(Duration.ZERO);
    List<StreamEvent> events = take(stream, 2);
    stream.acknowledge(events.get(0));
    stream.close();
    stream.acknowledge(events.get(1));
    stream.close();
    assertThat(memory.saved).containsExactly(id(1));
  }

  @Test
  void whatWasAcknowledgedLastIsSavedThoughNothingFollows() throws Exception {
    says("insert", 1);
    try (AcknowledgedStream stream = stream(Duration.ofMillis(50))) {
      stream.acknowledge(take(stream, 1).get(0));
      while (memory.saved.isEmpty()) {
        assertThat(stream.poll(Duration.ofMillis(10))).isEmpty();
      }
      assertThat(memory.saved).containsExactly(id(1));
    }
  }

  @Test
  void whatWasAcknowledgedLastIsSavedWhileTheServerDoesNotAnswer() throws Exception {
    says("insert", 1);
    CountDownLatch isSaved = new CountDownLatch(1);
    try (ScriptedServer once =
            new ScriptedServer((n, request, out) -> {
              if (n == 0) {
                answer(out);
              } else {
                isSaved.await();
              }
            });
        AcknowledgedStream stream =
            new StreamClient(once.endpoint())
                .withRetry(RetryPolicy.FOREVER.startingWith(Duration.ofMillis(1)))
                .follow(Filter.ALL, "0", memory, Duration.ofMillis(300))) {
      StreamEvent event = stream.next();
      while (once.requests().size() < 2) {
        assertThat(stream.poll(Duration.ofMillis(10))).isEmpty();
      }
      stream.acknowledge(event);
      while (memory.saved.isEmpty()) {
        assertThat(stream.poll(Duration.ofMillis(10))).isEmpty();
      }
      isSaved.countDown();
    }
  }

  @Test
  void aLoopHasWhatIsAcknowledged() throws Exception {
    says("progress", 1);
    says("insert", 2);
    says("live", 3);
    try (AcknowledgedStream stream = stream(Duration.ZERO)) {
      for (StreamEvent event : stream) {
        stream.acknowledge(event);
        if (event instanceof StreamEvent.Live) {
          break;
        }
      }
      assertThat(stream.lastEventId()).isEqualTo(id(3));
    }
    assertThat(memory.saved).containsExactly(id(1), id(2), id(3));
  }

  /** It waited for the other once, perhaps with a lock that the other's store needs. */
  @Test
  void whoAcknowledgesDoesNotWaitForAnotherWhoSaves() throws Exception {
    says("insert", 1);
    says("insert", 2);
    CountDownLatch isSaving = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<String> saved = Collections.synchronizedList(new ArrayList<>());
    CheckpointStore slow =
        new CheckpointStore() {
          @Override
          public Optional<String> load() {
            return Optional.empty();
          }

          @Override
          public void save(String eventId) throws IOException {
            saved.add(eventId);
            isSaving.countDown();
            try {
              go.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    try (AcknowledgedStream stream =
        new StreamClient(server.endpoint()).follow(Filter.ALL, "0", slow, Duration.ZERO)) {
      List<StreamEvent> events = take(stream, 2);
      CompletableFuture<Void> other =
          CompletableFuture.runAsync(() -> {
            try {
              stream.acknowledge(events.get(0));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      isSaving.await();
      stream.acknowledge(events.get(1));
      assertThat(saved).containsExactly(id(1));
      go.countDown();
      other.get();
      assertThat(saved).as("by the other, who saw it").containsExactly(id(1), id(2));
    }
  }

  private static void awaitInterrupt(CompletableFuture<Throwable> told)
      throws InterruptedException {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      told.complete(e);
      throw e;
    }
  }

  /** Processes on a thread of its own, which tells how that ended. */
  private static Thread processing(
      AcknowledgedStream stream, EventHandler handler, int concurrency, Consumer<Throwable> ended) {
    Thread thread =
        new Thread(() -> {
          try {
            stream.process(handler, concurrency);
          } catch (Throwable e) {
            ended.accept(e);
          }
        });
    thread.start();
    return thread;
  }

  @Test
  void whoInterruptsTheProcessingInterruptsItsHandlers() throws Exception {
    says("insert", 1);
    says("insert", 2);
    CountDownLatch isHandling = new CountDownLatch(1);
    CompletableFuture<Throwable> handler = new CompletableFuture<>();
    CompletableFuture<Throwable> processing = new CompletableFuture<>();
    AcknowledgedStream stream = stream(Duration.ZERO);
    EventHandler waiting =
        event -> {
          isHandling.countDown();
          awaitInterrupt(handler);
        };
    Thread thread = processing(stream, waiting, 1, processing::complete);
    isHandling.await();
    thread.interrupt();
    assertThat(handler.get()).isInstanceOf(InterruptedException.class);
    assertThat(processing.get()).isInstanceOf(InterruptedException.class);
    assertThat(memory.saved).isEmpty();
  }

  @Test
  void whoInterruptsAProcessingThatEndsInterruptsItsHandlersAndHearsOfTheFailure()
      throws Exception {
    changes("a", 1);
    changes("b", 2);
    CountDownLatch isHandling = new CountDownLatch(1);
    CompletableFuture<Throwable> handler = new CompletableFuture<>();
    CompletableFuture<Throwable> processing = new CompletableFuture<>();
    CompletableFuture<Boolean> isInterrupted = new CompletableFuture<>();
    CompletableFuture<Thread> failing = new CompletableFuture<>();
    AcknowledgedStream stream = stream(Duration.ZERO);
    EventHandler handling =
        event -> {
          if (shown(event).equals("a1")) {
            isHandling.await();
            failing.complete(Thread.currentThread());
            throw new IllegalStateException("enough");
          }
          isHandling.countDown();
          awaitInterrupt(handler);
        };
    Thread thread =
        processing(
            stream,
            handling,
            2,
            e -> {
              isInterrupted.complete(Thread.interrupted());
              processing.complete(e);
            });
    failing.get();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait(); // for the handler that runs: until then it waits for a moment at most
    }
    thread.interrupt();
    assertThat(handler.get()).isInstanceOf(InterruptedException.class);
    assertThat(processing.get()).hasMessage("enough");
    assertThat(isInterrupted.get()).isTrue();
  }
}
