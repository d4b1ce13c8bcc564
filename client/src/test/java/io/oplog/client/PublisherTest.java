package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.RefusedException.Reason;
import io.oplog.client.ScriptedServer.Request;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PublisherTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(2), Duration.ofMillis(20), Duration.ofSeconds(10));
  private static final int LARGE = 300_000;

  private static Publisher publisher(ScriptedServer server) {
    return publisher(server, QUICK);
  }

  private static Publisher publisher(ScriptedServer server, RetryPolicy retry) {
    return new Publisher(server.endpoint(), retry, ConnectionListener.SILENT);
  }

  private static Operation operation(int number) {
    return Operation.insert("video", "x" + number);
  }

  private static ScriptedServer storing() throws IOException {
    return new ScriptedServer((n, request, out) -> stored(out, n));
  }

  private static ScriptedServer storingWhen(CountDownLatch go) throws IOException {
    return new ScriptedServer((n, request, out) -> {
      go.await();
      stored(out, n);
    });
  }

  private static void stored(java.io.OutputStream out, int n) throws IOException {
    ScriptedServer.status(out, 200, "Oplog-Event-Id: " + ScriptedServer.id(n) + "\r\n", "");
  }

  private static List<String> ids(Request request) {
    return request
        .body()
        .lines()
        .map(line -> line.replaceAll(".*\"id\":\"(.{1,20}).*?\".*", "$1"))
        .toList();
  }

  private static List<String> all(ScriptedServer server) {
    return server.requests().stream().flatMap(request -> ids(request).stream()).toList();
  }

  @Test
  void oneAloneIsSentAtOnceAndWhatComesMeanwhileTogether() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (ScriptedServer server = storingWhen(go);
        Publisher publisher = publisher(server)) {
      CompletableFuture<String> first = publisher.submit(operation(0));
      while (server.requests().isEmpty()) {
        Thread.onSpinWait();
      }
      List<CompletableFuture<String>> others = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        others.add(publisher.submit(operation(i)));
      }
      go.countDown();
      assertThat(first.get()).isEqualTo(ScriptedServer.id(0));
      assertThat(others.get(2).get()).isEqualTo(ScriptedServer.id(1));
      assertThat(ids(server.requests().get(0))).containsExactly("x0");
      assertThat(ids(server.requests().get(1))).containsExactly("x1", "x2", "x3");
    }
  }

  @Test
  void manyAreSentInTheirOrderInBatchesOfAThousandAtMost() throws Exception {
    List<String> expected = new ArrayList<>();
    try (ScriptedServer server = storing()) {
      try (Publisher publisher = publisher(server)) {
        for (int i = 0; i < 5000; i++) {
          expected.add("x" + i);
          var unused = publisher.submit(operation(i));
        }
      }
      assertThat(all(server)).isEqualTo(expected);
      assertThat(server.requests()).allMatch(request -> ids(request).size() <= 1000);
    }
  }

  @Test
  void whatIsLongIsPackedUntilAServerDoesNotTakeThat() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              if (n == 1) {
                ScriptedServer.status(out, 415, "", "");
              } else {
                stored(out, n);
              }
            });
        Publisher publisher = publisher(server)) {
      Operation large = Operation.insert("video", "x".repeat(2000));
      publisher.publish(operation(0));
      publisher.publish(large);
      publisher.publish(large);
      assertThat(server.requests().stream().map(request -> request.header("content-encoding")))
          .containsExactly("", "gzip", "", "");
      assertThat(server.requests().get(1).body()).isEqualTo(server.requests().get(2).body());
    }
  }

  @Test
  void aLineThatTheServerNamesFailsAloneAndTheOthersAreSentAgain() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              int bad = ids(request).indexOf("x3");
              if (bad < 0) {
                stored(out, n);
              } else {
                String detail = "{\"detail\":\"line " + (bad + 1) + ": no such type\"}";
                ScriptedServer.status(out, 400, "", detail);
              }
            });
        Publisher publisher = publisher(server)) {
      List<CompletableFuture<String>> ends = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        ends.add(publisher.submit(operation(i)));
      }
      publisher.flush();
      assertThatThrownBy(() -> ends.get(3).get())
          .isInstanceOf(ExecutionException.class)
          .cause()
          .asInstanceOf(InstanceOfAssertFactories.type(RefusedException.class))
          .returns(Reason.INVALID, RefusedException::reason)
          .returns("no such type", RefusedException::detail);
      ends.remove(3);
      assertThat(ends).allMatch(end -> end.isDone() && !end.isCompletedExceptionally());
    }
  }

  @Test
  void whatIsTooLargeTogetherIsSentInPartsAndOneThatIsTooLargeAloneFails() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              if (request.body().length() > LARGE) {
                ScriptedServer.status(out, 413, "", "");
              } else {
                stored(out, n);
              }
            });
        Publisher publisher = publisher(server)) {
      List<CompletableFuture<String>> ends = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String id = ("x" + i + "-").repeat(20_000 / (i < 10 ? 3 : 4));
        expected.add(id.substring(0, 20));
        ends.add(publisher.submit(Operation.insert("video", id)));
      }
      CompletableFuture<String> large =
          publisher.submit(Operation.insert("video", "y".repeat(LARGE)));
      publisher.flush();
      assertThat(ends).noneMatch(CompletableFuture::isCompletedExceptionally);
      assertThat(large).isCompletedExceptionally();
      assertThat(
              server.requests().stream()
                  .filter(request -> request.body().length() <= LARGE)
                  .flatMap(request -> ids(request).stream()))
          .isEqualTo(expected);
    }
  }

  @Test
  void aServerThatCannotNowIsAskedAgain() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              if (n == 0) {
                ScriptedServer.status(out, 503, "", "");
              } else if (n > 1) { // else the connection ends without an answer
                stored(out, n);
              }
            });
        Publisher publisher = publisher(server)) {
      assertThat(publisher.publish(operation(0))).isEqualTo(ScriptedServer.id(2));
    }
  }

  @Test
  void whenThePolicyGivesUpTheBatchFailsAndTheNextIsTried() throws Exception {
    AtomicInteger status = new AtomicInteger(503);
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              if (status.get() == 200) {
                stored(out, n);
              } else {
                ScriptedServer.status(out, status.get(), "", "");
              }
            });
        Publisher publisher = publisher(server, QUICK.givingUpAfter(Duration.ofMillis(50)))) {
      assertThatThrownBy(() -> publisher.publish(operation(0)))
          .isInstanceOf(UnavailableException.class);
      status.set(200);
      assertThat(publisher.publish(operation(1))).hasSize(24);
    }
  }

  @Test
  void aPasswordThatIsRefusedFailsTheWholeBatch() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> ScriptedServer.status(out, 401, "", ""));
        Publisher publisher = publisher(server)) {
      assertThatThrownBy(() -> publisher.publish(operation(0)))
          .isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void whoPublishesWaitsWhileTooMuchDoes() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (ScriptedServer server = storingWhen(go);
        Publisher publisher = publisher(server)) {
      AtomicInteger submitted = new AtomicInteger();
      Thread producer = new Thread(() -> submitAll(publisher, submitted));
      producer.start();
      while (submitted.get() < 10_000 || producer.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(submitted.get()).isBetween(10_000, 11_000);
      go.countDown();
      producer.join();
      assertThat(submitted).hasValue(20_000);
    }
  }

  private static void submitAll(Publisher publisher, AtomicInteger submitted) {
    try {
      for (int i = 0; i < 20_000; i++) {
        var unused = publisher.submit(operation(i));
        submitted.incrementAndGet();
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void closingSendsWhatWaitsAndTakesNoMore() throws Exception {
    try (ScriptedServer server = storing()) {
      Publisher publisher = publisher(server);
      CompletableFuture<String> last = publisher.submit(operation(0));
      publisher.close();
      publisher.close();
      assertThat(last).isCompletedWithValue(ScriptedServer.id(0));
      assertThatThrownBy(() -> publisher.publish(operation(1))).isInstanceOf(ClosedException.class);
      publisher(server).close(); // one that has sent nothing
    }
  }

  @Test
  void whoIsInterruptedInClosingDoesNotWaitAndTheRestFails() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> new CountDownLatch(1).await())) {
      Publisher publisher = publisher(server);
      List<CompletableFuture<String>> ends = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ends.add(publisher.submit(operation(i)));
      }
      Thread.currentThread().interrupt();
      publisher.close();
      assertThat(Thread.interrupted()).isTrue();
      for (CompletableFuture<String> end : ends) {
        assertThatThrownBy(end::get).hasCauseInstanceOf(ClosedException.class);
      }
    }
  }

  @Test
  void whatFollowsAnEndMayPublishButNotWait() throws Exception {
    try (ScriptedServer server = storing();
        Publisher publisher = publisher(server)) {
      CompletableFuture<Void> waited =
          publisher.submit(operation(0)).thenAccept(id -> publishUnchecked(publisher));
      assertThatThrownBy(waited::get).hasRootCauseInstanceOf(IllegalStateException.class);
      publisher.flush();
      assertThat(all(server)).contains("x0", "x1");
    }
  }

  private static void publishUnchecked(Publisher publisher) {
    try {
      var unused = publisher.submit(operation(1));
      publisher.flush();
    } catch (IOException | InterruptedException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void anAnswerOfSomethingElseIsNotTakenForStored() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                (n, request, out) -> ScriptedServer.status(out, 200, "", "<html>log in</html>"));
        Publisher publisher = publisher(server)) {
      assertThatThrownBy(() -> publisher.publish(operation(0)))
          .asInstanceOf(InstanceOfAssertFactories.type(RefusedException.class))
          .returns(Reason.NOT_OPLOG, RefusedException::reason);
    }
  }

  @Test
  void aLongProblemIsReadAndWhatIsEscapedInItIsMeant() throws Exception {
    String detail = "{\"detail\":\"line 1: caf\\u00e9 \\\"x\\\" " + "y".repeat(60_000) + "\"}";
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> ScriptedServer.status(out, 400, "", detail));
        Publisher publisher = publisher(server)) {
      assertThatThrownBy(() -> publisher.publish(operation(0)))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("café \"x\" yyy");
    }
  }

  @Test
  void whoPublishesInWhatFollowsAnEndIsToldRatherThanWaitForItself() throws Exception {
    try (ScriptedServer server = storing();
        Publisher publisher = publisher(server)) {
      CompletableFuture<Object> following =
          publisher
              .submit(operation(0))
              .thenApply(id -> {
                try {
                  return publisher.publish(operation(1));
                } catch (IOException | InterruptedException e) {
                  throw new IllegalArgumentException(e);
                }
              });
      assertThatThrownBy(following::get).hasRootCauseInstanceOf(IllegalStateException.class);
    }
  }

  /** Each batch had the whole patience once. */
  @Test
  void whoClosesItWaitsForOneBatchThatIsGivenUp() throws Exception {
    RetryPolicy brief =
        new RetryPolicy(Duration.ofMillis(5), Duration.ofMillis(5), Duration.ofMillis(200));
    List<CompletableFuture<String>> all = new ArrayList<>();
    CountDownLatch closing = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          closing.await();
          ScriptedServer.status(out, 503, "", "");
        })) {
      try (Publisher publisher = publisher(server, brief)) {
        for (int i = 0; i < 5000; i++) {
          all.add(publisher.submit(operation(i)));
        }
        closing.countDown();
      }
      assertThat(all).allMatch(CompletableFuture::isCompletedExceptionally);
      assertThatThrownBy(all.get(4999)::get).hasCauseInstanceOf(UnavailableException.class);
      assertThat(server.requests()).noneMatch(request -> ids(request).contains("x4999"));
    }
  }

  @Test
  void aHalfThatWasGivenUpDoesNotCondemnTheOtherThatIsStored() throws Exception {
    RetryPolicy once =
        new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofNanos(1));
    CountDownLatch closing = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          closing.await();
          List<String> ids = ids(request);
          if (ids.size() > 500) {
            ScriptedServer.status(out, 413, "", "");
          } else if (ids.contains("x1")) {
            ScriptedServer.status(out, 503, "", "");
          } else {
            stored(out, n);
          }
        })) {
      List<CompletableFuture<String>> all = new ArrayList<>();
      Publisher publisher = publisher(server, once);
      for (int i = 0; i < 3000; i++) {
        all.add(publisher.submit(operation(i)));
      }
      closing.countDown();
      publisher.flush();
      assertThatThrownBy(all.get(1)::get).hasCauseInstanceOf(UnavailableException.class);
      publisher.close();
      assertThat(all.get(2999).get()).isNotEmpty();
    }
  }
}
