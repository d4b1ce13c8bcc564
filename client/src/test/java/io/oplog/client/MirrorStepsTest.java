package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.mirror.DeadLetterException;
import io.oplog.client.mirror.DeadLetterHandler;
import io.oplog.client.mirror.Fetcher;
import io.oplog.client.mirror.Mirror;
import io.oplog.client.mirror.MirrorChange;
import io.oplog.client.mirror.MirrorChange.Put;
import io.oplog.client.mirror.MirrorChange.Remove;
import io.oplog.client.mirror.MirrorChange.RemoveOlder;
import io.oplog.client.mirror.MirrorOptions;
import io.oplog.client.mirror.MirrorProgress;
import io.oplog.client.mirror.MirrorTarget;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a mirror makes of each event. */
@Timeout(30)
class MirrorStepsTest {
  private final StringBuilder said =
      new StringBuilder("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
  private final List<MirrorChange<String>> changes = new ArrayList<>();
  private final List<String> checkpoints = new ArrayList<>();

  /** Ends the mirror when it has seen enough. */
  private final class Target implements MirrorTarget<String> {
    private final Optional<String> before;
    private final String last;

    Target(Optional<String> before, String last) {
      this.before = before;
      this.last = last;
    }

    @Override
    public Optional<String> load() {
      return before;
    }

    @Override
    public void commit(List<MirrorChange<String>> some, String checkpoint) {
      changes.addAll(some);
      checkpoints.add(checkpoint);
      if (checkpoint.startsWith(last)) {
        throw new IllegalStateException("enough");
      }
    }
  }

  private static String id(int number) {
    return new EventId(0x6920c0deL, 1, number).toString();
  }

  private void says(String event, int number, String data) {
    said.append("id: ").append(id(number)).append("\nevent: ").append(event);
    said.append("\ndata: ").append(data).append("\n\n");
  }

  private static String data(String object, String parent) {
    return "{\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[\""
        + parent
        + "\"],\"type\":\"video\",\"id\":\""
        + object
        + "\"}";
  }

  /** Mirrors what is said, and tells where the stream was asked to begin. */
  private String mirror(Optional<String> before, int last) throws Exception {
    byte[] answer = said.toString().getBytes(StandardCharsets.UTF_8);
    MirrorOptions options = MirrorOptions.USUAL.withFilter(new Filter(Set.of(), Set.of("user/u1")));
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> out.write(answer));
        Mirror<String> mirror =
            new Mirror<>(
                new StreamClient(server.endpoint()),
                new Target(before, id(last)),
                operation ->
                    operation.id().equals("gone")
                        ? Optional.empty()
                        : Optional.of("object " + operation.id()),
                options)) {
      assertThatThrownBy(mirror::run).hasMessage("enough");
      return server.requests().get(0).header("last-event-id");
    }
  }

  private static Put<String> put(String object, long generation) {
    return new Put<>("video", object, List.of("user/u1"), "object " + object, generation);
  }

  @Test
  void aReplicationBeginsAGenerationAndItsEndRemovesTheOlder() throws Exception {
    says("reset", 0, "{}");
    says("insert", 1, data("a", "user/u1"));
    says("live", 1, "{}");
    says("update", 2, data("b", "user/u1"));
    says("delete", 3, data("a", "user/u1"));
    assertThat(mirror(Optional.empty(), 3)).isEqualTo("0");
    assertThat(changes)
        .containsExactly(
            put("a", 1), new RemoveOlder<>(1), put("b", 1), new Remove<>("video", "a"));
    assertThat(checkpoints).last().isEqualTo(id(3) + " 1 live");
  }

  @Test
  void aReplicationThatWasCutGoesOnInItsGeneration() throws Exception {
    says("insert", 8, data("a", "user/u1"));
    says("live", 9, "{}");
    assertThat(mirror(Optional.of(id(7) + " 4 reset"), 9)).isEqualTo(id(7));
    assertThat(changes).containsExactly(put("a", 4), new RemoveOlder<>(4));
    assertThat(checkpoints).last().isEqualTo(id(9) + " 4 live");
  }

  @Test
  void aCatchUpThatIsNoReplicationRemovesNothing() throws Exception {
    says("live", 9, "{}");
    mirror(Optional.of(id(7) + " 4 live"), 9);
    assertThat(changes).isEmpty();
  }

  @Test
  void whatHasLeftTheFilterOrIsGoneAtItsSourceIsRemoved() throws Exception {
    says("insert", 1, data("a", "user/u2"));
    says("insert", 2, data("gone", "user/u1"));
    says("progress", 3, "{}");
    mirror(Optional.of(id(0) + " 1 live"), 3);
    assertThat(changes).containsExactly(new Remove<>("video", "a"), new Remove<>("video", "gone"));
  }

  @Test
  void howManyAreReplicatedIsToldWhenTheMirrorIsLive() throws Exception {
    says("reset", 0, "{}");
    says("insert", 1, data("a", "user/u1"));
    says("insert", 2, data("gone", "user/u1"));
    says("live", 2, "{}");
    byte[] answer = said.toString().getBytes(StandardCharsets.UTF_8);
    CompletableFuture<MirrorProgress> told = new CompletableFuture<>();
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> out.write(answer));
        Mirror<String> mirror =
            new Mirror<>(
                new StreamClient(server.endpoint()),
                new Target(Optional.empty(), "never"),
                operation -> Optional.of("object"),
                MirrorOptions.USUAL.withOnProgress(told::complete))) {
      var closing = told.thenRun(mirror::close);
      assertThatThrownBy(mirror::run).isInstanceOf(ClosedException.class);
      closing.get();
    }
    assertThat(told.get().live()).isTrue();
    assertThat(told.get().replicated()).isEqualTo(2);
    assertThat(told.get().rate()).isPositive();
  }

  @Test
  void aCheckpointThatIsNoneIsNotTakenForTheBeginning() throws Exception {
    try (Mirror<String> mirror =
        new Mirror<>(
            new StreamClient(Endpoint.of("http://localhost:1")),
            new Target(Optional.of("something"), ""),
            operation -> Optional.empty(),
            MirrorOptions.USUAL)) {
      assertThatThrownBy(mirror::run).hasMessage("'something' is no checkpoint of a mirror");
    }
  }

  @Test
  void aTargetThatFailsWhileTheMirrorIsClosedIsTold() throws Exception {
    says("live", 1, "{}");
    byte[] answer = said.toString().getBytes(StandardCharsets.UTF_8);
    AtomicReference<Mirror<String>> open = new AtomicReference<>();
    MirrorTarget<String> broken =
        new MirrorTarget<>() {
          @Override
          public Optional<String> load() {
            return Optional.empty();
          }

          @Override
          public void commit(List<MirrorChange<String>> some, String checkpoint)
              throws IOException {
            open.get().close();
            throw new IOException("the disk is full");
          }
        };
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> out.write(answer));
        Mirror<String> mirror =
            new Mirror<>(
                new StreamClient(server.endpoint()),
                broken,
                operation -> Optional.empty(),
                MirrorOptions.USUAL)) {
      open.set(mirror);
      assertThatThrownBy(mirror::run).hasMessage("the disk is full");
    }
  }

  private Mirror<String> failing(
      ScriptedServer server, Fetcher<String> fetcher, DeadLetterHandler onDeadLetter) {
    return new Mirror<>(
        new StreamClient(server.endpoint()),
        new Target(Optional.empty(), "never"),
        fetcher,
        MirrorOptions.USUAL.withAttempts(1, RetryPolicy.FOREVER).withOnDeadLetter(onDeadLetter));
  }

  @Test
  void anObjectThatCannotBeHadIsNamed() throws Exception {
    says("insert", 1, data("a", "user/u1"));
    byte[] answer = said.toString().getBytes(StandardCharsets.UTF_8);
    Fetcher<String> broken =
        operation -> {
          throw new IOException("away");
        };
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> out.write(answer));
        Mirror<String> mirror = failing(server, broken, DeadLetterHandler.STOPPING)) {
      assertThatThrownBy(mirror::run)
          .isInstanceOf(DeadLetterException.class)
          .hasMessageContainingAll("video/a", "1 attempts", "DeadLetterHandler", "away");
    }
  }

  @Test
  void aFetchThatTheEndOfAMirrorInterruptsIsNoDeadLetter() throws Exception {
    says("insert", 1, data("a", "user/u1"));
    byte[] answer = said.toString().getBytes(StandardCharsets.UTF_8);
    CompletableFuture<Mirror<String>> fetching = new CompletableFuture<>();
    CompletableFuture<Mirror<String>> open = new CompletableFuture<>();
    List<Operation> dead = new CopyOnWriteArrayList<>();
    CountDownLatch isInterrupted = new CountDownLatch(1);
    AtomicReference<Thread> fetcher = new AtomicReference<>();
    Fetcher<String> waiting =
        operation -> {
          fetcher.set(Thread.currentThread());
          fetching.complete(open.get());
          try {
            new CountDownLatch(1).await();
            return Optional.empty();
          } catch (InterruptedException e) {
            isInterrupted.countDown();
            throw new IOException("interrupted", e);
          }
        };
    DeadLetterHandler handler =
        (operation, cause) -> {
          dead.add(operation);
          return DeadLetterHandler.Verdict.SKIP;
        };
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> out.write(answer));
        Mirror<String> mirror = failing(server, waiting, handler)) {
      open.complete(mirror);
      var closing = fetching.thenAcceptAsync(Mirror::close);
      assertThatThrownBy(mirror::run).isInstanceOf(ClosedException.class);
      closing.get();
      isInterrupted.await();
      fetcher.get().join();
      assertThat(dead).isEmpty();
    }
  }
}
