package io.oplog.client;

import static io.oplog.client.ScriptedServer.event;
import static io.oplog.client.ScriptedServer.id;
import static io.oplog.client.ScriptedServer.send;
import static io.oplog.client.ScriptedServer.startStream;
import static io.oplog.client.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.oplog.client.RefusedException.Reason;
import io.oplog.client.ScriptedServer.Request;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ReconnectingStreamTest {
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(2), Duration.ofMillis(20), Duration.ZERO);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration NEVER_SILENT = Duration.ofHours(1);
  private static final long MORE_THAN_THE_NETWORK_HOLDS = 1_000_000;

  private static ReconnectingStream follow(ScriptedServer server, String from) {
    return client(server, QUICK, LONG).reconnecting(Filter.ALL, from);
  }

  private static StreamClient client(ScriptedServer server, RetryPolicy retry, Duration silence) {
    return new StreamClient(server.endpoint(), retry, silence, ConnectionListener.SILENT);
  }

  @Test
  void aCutConnectionGoesOnAfterTheLastEvent() throws Exception {
    try (ScriptedServer server = new ScriptedServer(ReconnectingStreamTest::threeThenCut);
        ReconnectingStream stream = follow(server, "0")) {
      for (long sequence = 1; sequence <= 7; sequence++) {
        assertThat(stream.next()).isEqualTo(new StreamEvent.Live(EventId.parse(id(sequence))));
      }
      assertThat(server.requests())
          .extracting(request -> request.header("last-event-id"))
          .containsExactly("0", id(3), id(6));
    }
  }

  /** Three whole events, and a part of a fourth. */
  private static void threeThenCut(int n, Request request, OutputStream out) throws IOException {
    startStream(out);
    for (int i = 1; i <= 3; i++) {
      send(out, event("live", 3L * n + i));
    }
    send(out, "id: " + id(3L * n + 4) + "\nevent: li");
  }

  @Test
  void aStreamFromNowAsksForNoPositionButForProgress() throws Exception {
    try (ScriptedServer server = new ScriptedServer(ReconnectingStreamTest::threeThenCut);
        ReconnectingStream stream = follow(server, "")) {
      stream.next();
      Request request = server.requests().get(0);
      assertThat(request.headers()).doesNotContainKey("last-event-id");
      assertThat(request.target()).isEqualTo("/ops?progress=1");
    }
  }

  @Test
  void filtersAreSentWithCommasInParentsKept() throws Exception {
    Filter filter = new Filter(Set.of("user", "video"), Set.of("a,b", "video/é"));
    try (ScriptedServer server = new ScriptedServer(ReconnectingStreamTest::threeThenCut);
        ReconnectingStream stream = client(server, QUICK, LONG).reconnecting(filter, "0")) {
      stream.next();
      assertThat(server.requests().get(0).target())
          .isEqualTo("/ops?progress=1&types=user%2Cvideo&parent=a%2Cb&parent=video%2F%C3%A9");
    }
  }

  @Test
  void thePasswordIsSentAndNeverShown() throws Exception {
    try (ScriptedServer server = new ScriptedServer(ReconnectingStreamTest::threeThenCut)) {
      Endpoint endpoint = server.endpoint().withPassword("s3cret");
      try (ReconnectingStream stream = new StreamClient(endpoint).reconnecting(Filter.ALL, "0")) {
        stream.next();
      }
      assertThat(server.requests().get(0).header("authorization"))
          .isEqualTo("Basic b3Bsb2c6czNjcmV0");
      assertThat(endpoint.toString()).doesNotContain("s3cret");
    }
  }

  @Test
  void aWrongPasswordIsNotAMissingOne() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> status(out, 401, "", ""))) {
      Endpoint endpoint = server.endpoint();
      assertThat(refusal(endpoint).reason()).isEqualTo(Reason.NO_PASSWORD);
      assertThat(refusal(endpoint)).hasMessageEndingWith(" wants a password");
      assertThat(refusal(endpoint.withPassword("x")).reason()).isEqualTo(Reason.UNAUTHORIZED);
    }
  }

  private static RefusedException refusal(Endpoint endpoint) throws IOException {
    try (ReconnectingStream stream = new StreamClient(endpoint).reconnecting(Filter.ALL, "0")) {
      return catchThrowableOfType(RefusedException.class, stream::next);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400,INVALID",
    "401,NO_PASSWORD",
    "404,NOT_OPLOG",
    "406,INVALID",
    "302,NOT_OPLOG",
    "200,NOT_OPLOG"
  })
  void anAnswerThatARetryCannotMendIsThrown(int status, Reason reason) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                (n, request, out) -> status(out, status, "", "{\"detail\":\"no \\\"such\\\"\"}"));
        ReconnectingStream stream = follow(server, "0")) {
      RefusedException refused = catchThrowableOfType(RefusedException.class, stream::next);
      assertThat(refused.reason()).isEqualTo(reason);
      assertThat(refused.status()).isEqualTo(status);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void whatTheServerSaysOfABadRequestIsShown() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                (n, request, out) -> status(out, 400, "", "{\"detail\":\"no \\\"such\\\" id\"}"));
        ReconnectingStream stream = follow(server, "0")) {
      assertThatThrownBy(stream::next).hasMessageContaining("no \"such\" id");
    }
  }

  @Test
  void aWebPageIsNotShownButSaidToBeOne() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer(
                (n, request, out) -> status(out, 404, "", "\n<!DOCTYPE html><title>Lost</title>"));
        ReconnectingStream stream = follow(server, "0")) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(RefusedException.class)
          .hasMessageEndingWith(
              "answered 404: it is a web page, so this is no address of an oplog");
    }
  }

  @Test
  void anAnswerThatPassesIsTriedAgain() throws Exception {
    List<Integer> statuses = List.of(429, 500, 502, 503, 504);
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              if (n < statuses.size()) {
                status(out, statuses.get(n), "Retry-After: 0\r\n", "");
              } else {
                threeThenCut(0, request, out);
              }
            });
        ReconnectingStream stream = follow(server, "0")) {
      assertThat(stream.next()).isInstanceOf(StreamEvent.Live.class);
      assertThat(server.requests()).hasSize(statuses.size() + 1);
    }
  }

  /** One stream is silent; when it has come back, the other has lived as long on heartbeats. */
  @Test
  void silenceBreaksAConnectionAndAHeartbeatKeepsIt() throws Exception {
    CountDownLatch keptIsOpen = new CountDownLatch(1);
    CountDownLatch silentCameBack = new CountDownLatch(2);
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              startStream(out);
              if (isKept(request)) {
                keptIsOpen.countDown();
                heartbeats(out, silentCameBack);
              } else {
                silentCameBack.countDown();
              }
              awaitForEver();
            });
        ReconnectingStream kept = followType(server, "kept");
        ReconnectingStream silent = followType(server, "silent")) {
      Thread reader =
          new Thread(() -> {
            awaitQuietly(keptIsOpen);
            nextQuietly(silent);
          });
      reader.start();
      assertThat(kept.next()).isInstanceOf(StreamEvent.Live.class);
      assertThat(server.requests()).filteredOn(ReconnectingStreamTest::isKept).hasSize(1);
    }
  }

  private static ReconnectingStream followType(ScriptedServer server, String type) {
    Filter filter = new Filter(Set.of(type), Set.of());
    return client(server, QUICK, Duration.ofSeconds(2)).reconnecting(filter, "0");
  }

  private static void nextQuietly(ReconnectingStream stream) {
    try {
      stream.next();
    } catch (IOException | InterruptedException e) {
      // closed at the end, since no event ever comes
    }
  }

  private static boolean isKept(Request request) {
    return request.target().endsWith("types=kept");
  }

  /** Nothing but heartbeats until a moment, then an event. */
  private static void heartbeats(OutputStream out, CountDownLatch until) throws Exception {
    while (!until.await(20, TimeUnit.MILLISECONDS)) {
      send(out, ":\n");
    }
    send(out, event("live", 1));
  }

  private static void awaitForEver() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  @Test
  void theServersRetryIsTheFirstWait() throws Exception {
    AtomicReference<Duration> waited = new AtomicReference<>(Duration.ZERO);
    ConnectionListener listener =
        new ConnectionListener() {
          @Override
          public void lost(IOException cause, Duration wait) {
            waited.compareAndSet(Duration.ZERO, wait);
          }
        };
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              startStream(out);
              send(out, "retry: 400\n" + event("live", n + 1));
            });
        ReconnectingStream stream =
            new StreamClient(
                    server.endpoint(), QUICK.startingWith(Duration.ofMillis(1)), LONG, listener)
                .reconnecting(Filter.ALL, "0")) {
      stream.next();
      stream.next();
      // bounded by the policy's longest wait, shortened by up to a half
      assertThat(waited.get()).isBetween(Duration.ofMillis(10), Duration.ofMillis(20));
    }
  }

  @Test
  void aPolicyWithAnEndGivesUp() throws Exception {
    RetryPolicy brief = QUICK.givingUpAfter(Duration.ofMillis(50));
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> status(out, 503, "", ""));
        ReconnectingStream stream = client(server, brief, LONG).reconnecting(Filter.ALL, "0")) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("503");
      assertThat(server.requests()).hasSizeGreaterThan(1);
    }
  }

  @Test
  void aLineWithoutEndIsRefusedBeforeItFillsTheMemory() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              startStream(out);
              while (true) {
                send(out, "x".repeat(10_000));
              }
            });
        ReconnectingStream stream = follow(server, "0")) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(MalformedStreamException.class)
          .hasMessageContaining("maxLineBytes");
    }
  }

  @Test
  void anEventThatIsNotOursIsMalformed() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              startStream(out);
              send(out, "id: 12\nevent: live\ndata: {}\n\n");
            });
        ReconnectingStream stream = follow(server, "0")) {
      assertThatThrownBy(stream::next).isInstanceOf(MalformedStreamException.class);
    }
  }

  @Test
  void aReaderThatStopsHoldsTheServerBack() throws Exception {
    AtomicLong sent = new AtomicLong();
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              startStream(out);
              while (true) {
                send(out, event("live", sent.incrementAndGet()));
              }
            });
        ReconnectingStream stream = follow(server, "0")) {
      stream.next();
      long waiting = standstill(sent, MORE_THAN_THE_NETWORK_HOLDS);
      assertThat(waiting).isLessThan(MORE_THAN_THE_NETWORK_HOLDS);
      for (long sequence = 2; sequence <= waiting; sequence++) {
        assertThat(stream.nextRaw().lastEventId()).isEqualTo(id(sequence));
      }
    }
  }

  /** Waits until a count stands still, or passes what it must not. */
  private static long standstill(AtomicLong count, long most) throws InterruptedException {
    long before = -1;
    long now = count.get();
    while (before != now && now < most) {
      before = now;
      Thread.sleep(1000); // a second without a single event
      now = count.get();
    }
    return now;
  }

  @Test
  void closeWakesAThreadThatWaits() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          startStream(out);
          answered.countDown();
          awaitForEver();
        })) {
      ReconnectingStream stream = follow(server, "0");
      Thread closer =
          new Thread(() -> {
            awaitQuietly(answered);
            stream.close();
          });
      closer.start();
      assertThatThrownBy(stream::next).isInstanceOf(IOException.class);
      assertThat(stream.isClosed()).isTrue();
      closer.join();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 400 x\r\nContent-Length: 9\r\n\r\n"})
  void closeWakesAThreadThatWaitsForAnAnswer(String begun) throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          send(out, begun);
          asked.countDown();
          awaitForEver();
        })) {
      ReconnectingStream stream = client(server, QUICK, NEVER_SILENT).reconnecting(Filter.ALL, "0");
      Thread closer =
          new Thread(() -> {
            awaitQuietly(asked);
            stream.close();
          });
      closer.start();
      assertThatThrownBy(stream::next).hasMessage("the stream was closed");
      closer.join();
    }
  }

  @Test
  void anAnswerThatNeverComesIsWaitedForNoLongerThanThePolicyAllows() throws Exception {
    RetryPolicy brief = QUICK.givingUpAfter(Duration.ofMillis(200));
    try (ScriptedServer server = new ScriptedServer((n, request, out) -> awaitForEver());
        ReconnectingStream stream =
            client(server, brief, NEVER_SILENT).reconnecting(Filter.ALL, "0")) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("no answer from");
    }
  }

  @Test
  void aServerThatAsksForNoWaitIsNotAskedWithoutPause() throws Exception {
    List<Duration> waits = new CopyOnWriteArrayList<>();
    ConnectionListener listener =
        new ConnectionListener() {
          @Override
          public void lost(IOException cause, Duration wait) {
            waits.add(wait);
          }
        };
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              startStream(out);
              send(out, "retry: 0\n" + (n == 6 ? event("live", 1) : "\n"));
            });
        ReconnectingStream stream =
            new StreamClient(server.endpoint(), QUICK, LONG, listener)
                .reconnecting(Filter.ALL, "0")) {
      stream.next();
      assertThat(waits).hasSize(6).allMatch(wait -> wait.toMillis() > 0);
      assertThat(waits.get(5)).isGreaterThan(waits.get(0));
    }
  }

  @Test
  void aCompressedStreamIsRefusedByName() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              send(out, head + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n");
              awaitForEver();
            });
        ReconnectingStream stream = follow(server, "0")) {
      RefusedException refused = catchThrowableOfType(RefusedException.class, stream::next);
      assertThat(refused.reason()).isEqualTo(Reason.NOT_OPLOG);
      assertThat(refused)
          .hasMessageContaining(server.endpoint() + " ")
          .hasMessageContaining("gzip");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatIsNotAPositionIsRefusedAtOnce() {
    StreamClient client = new StreamClient(Endpoint.of("localhost:1"));
    assertThatThrownBy(() -> client.reconnecting(Filter.ALL, "-5"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Who asks for moments alone once took each of them for a lost connection. */
  @Test
  void aConnectionOnWhichOnlyHeartbeatsComeIsKeptWhilePolled() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              ScriptedServer.startStream(out);
              while (true) {
                ScriptedServer.send(out, ":\n\n");
                TimeUnit.MILLISECONDS.sleep(50);
              }
            });
        ReconnectingStream stream =
            new StreamClient(server.endpoint()).reconnecting(Filter.ALL, "0")) {
      for (int i = 0; i < 40; i++) {
        assertThat(stream.poll(Duration.ofNanos(20_999_999))).isEmpty();
      }
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void theBodyOfAFailedAttemptIsNoStreamForWhoPolls() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              if (n == 0) {
                TimeUnit.MILLISECONDS.sleep(100);
                ScriptedServer.status(out, 503, "", ScriptedServer.event("live", 7));
              } else {
                ScriptedServer.startStream(out);
                ScriptedServer.send(out, ScriptedServer.event("live", 8));
                new CountDownLatch(1).await();
              }
            });
        ReconnectingStream stream =
            new StreamClient(server.endpoint()).reconnecting(Filter.ALL, "0")) {
      Optional<StreamEvent> event = Optional.empty();
      while (event.isEmpty()) {
        event = stream.poll(Duration.ofMillis(20));
      }
      assertThat(((StreamEvent.Live) event.get()).id().toString()).isEqualTo(ScriptedServer.id(8));
    }
  }

  @Test
  void aStreamThatIsClosedHandsOutNothingMore() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> {
          ScriptedServer.startStream(out);
          ScriptedServer.send(
              out, ScriptedServer.event("live", 1) + ScriptedServer.event("live", 2));
          new CountDownLatch(1).await();
        })) {
      ReconnectingStream stream = new StreamClient(server.endpoint()).reconnecting(Filter.ALL, "0");
      StreamEvent first = stream.next();
      assertThat(first).isInstanceOf(StreamEvent.Live.class);
      stream.close();
      assertThatThrownBy(stream::next).isInstanceOf(ClosedException.class);
      assertThatThrownBy(() -> stream.poll(Duration.ZERO)).isInstanceOf(ClosedException.class);
    }
  }

  /** It once waited for the answer, however short the moment. */
  @Test
  void aMomentEndsThoughAnAttemptIsNotAnsweredAndTheAttemptGoesOn() throws Exception {
    CountDownLatch polled = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              polled.await();
              startStream(out);
              send(out, event("live", 1));
              awaitForEver();
            });
        ReconnectingStream stream = follow(server, "0")) {
      for (int i = 0; i < 20; i++) {
        assertThat(stream.poll(Duration.ofMillis(10))).isEmpty();
      }
      assertThatThrownBy(() -> stream.next(Duration.ofMillis(10)))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("has not answered for 0.01 s");
      polled.countDown();
      assertThat(stream.next()).isEqualTo(new StreamEvent.Live(EventId.parse(id(1))));
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void momentsOfNoLengthReachTheFirstEvent() throws Exception {
    try (ScriptedServer server = new ScriptedServer(ReconnectingStreamTest::threeThenCut);
        ReconnectingStream stream = follow(server, "0")) {
      Optional<StreamEvent> event = stream.poll(Duration.ZERO);
      while (event.isEmpty()) {
        event = stream.poll(Duration.ZERO);
      }
      assertThat(event).contains(new StreamEvent.Live(EventId.parse(id(1))));
    }
  }

  @Test
  void aWaitMayBeAsLongAsADurationIs() throws Exception {
    try (ScriptedServer server = new ScriptedServer(ReconnectingStreamTest::threeThenCut);
        ReconnectingStream stream = follow(server, "0")) {
      assertThat(stream.poll(Duration.ofSeconds(Long.MAX_VALUE))).isPresent();
      assertThat(stream.next(Duration.ofSeconds(Long.MAX_VALUE))).isNotNull();
    }
  }

  /** It was tried again for as long as the policy allows. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRefusalIsOneThoughItsBodyDoesNotEnd(boolean isBrokenOff) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              send(out, "HTTP/1.1 400 x\r\nContent-Length: 1000\r\n\r\n{\"detail\": \"no\"");
              if (!isBrokenOff) {
                awaitForEver();
              }
            });
        ReconnectingStream stream =
            client(server, QUICK, Duration.ofMillis(500)).reconnecting(Filter.ALL, "0")) {
      assertThatThrownBy(stream::next)
          .isInstanceOf(RefusedException.class)
          .hasMessageEndingWith(" answered 400: no");
      assertThat(server.requests()).hasSize(1);
    }
  }

  /** It was taken for a body that does not end, and tried again. */
  @Test
  void aRefusalThatIsPolledLateIsTold() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    Duration silence = Duration.ofMillis(300);
    try (ScriptedServer server =
            new ScriptedServer((n, request, out) -> {
              status(out, 400, "", "{\"detail\": \"no\"}");
              answered.countDown();
            });
        ReconnectingStream stream = client(server, QUICK, silence).reconnecting(Filter.ALL, "0")) {
      assertThat(stream.poll(Duration.ZERO)).isEmpty();
      Deadline later = Deadline.after(silence.multipliedBy(2));
      answered.await();
      while (!later.isOver()) {
        Thread.onSpinWait();
      }
      assertThatThrownBy(() -> stream.poll(Duration.ZERO))
          .isInstanceOf(RefusedException.class)
          .hasMessageEndingWith("answered 400: no");
    }
  }
}
