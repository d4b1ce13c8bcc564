package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.oplog.client.RefusedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class IngestClientTest {
  private static final byte[] NOTHING = {'\n'};

  private static IngestClient ingest(ScriptedServer server, Duration patience) {
    RetryPolicy retry =
        new RetryPolicy(Duration.ofMillis(2), Duration.ofMillis(20), Duration.ZERO)
            .givingUpAfter(patience);
    return new IngestClient(server.endpoint(), retry, ConnectionListener.SILENT);
  }

  @Test
  void ofAProblemThatDoesNotEndTheBeginningIsRead() throws Exception {
    AtomicLong sent = new AtomicLong();
    try (ScriptedServer server = ScriptedServer.large(400, sent)) {
      IngestClient ingest = ingest(server, Duration.ofSeconds(10));
      RefusedException refused =
          catchThrowableOfType(
              RefusedException.class, () -> ingest.publish(NOTHING, Optional.empty()));
      assertThat(refused.reason()).isEqualTo(Reason.INVALID);
      assertThat(refused).hasMessageContaining(" answered 400: xxx");
      assertThat(sent.get()).isLessThan(ScriptedServer.LARGE);
    }
  }

  @Test
  void anAnswerThatNeverComesIsWaitedForNoLongerThanThePolicyAllows() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> new CountDownLatch(1).await())) {
      IngestClient ingest = ingest(server, Duration.ofMillis(200));
      assertThatThrownBy(() -> ingest.publish(NOTHING, Optional.empty()))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("no answer from");
    }
  }

  @Test
  void aConnectionThatLastsIsToldOnce() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    ConnectionListener listener =
        new ConnectionListener() {
          @Override
          public void connected() {
            told.add("connected");
          }

          @Override
          public void lost(IOException cause, Duration wait) {
            told.add("lost");
          }
        };
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) ->
            ScriptedServer.status(
                out, n == 2 ? 503 : 204, "Oplog-Event-Id: " + ScriptedServer.id(n) + "\r\n", ""))) {
      RetryPolicy quick =
          new RetryPolicy(Duration.ofMillis(2), Duration.ofMillis(2), Duration.ofSeconds(9));
      IngestClient ingest = new IngestClient(server.endpoint(), quick, listener);
      for (int i = 0; i < 4; i++) {
        var unused = ingest.publish(NOTHING, Optional.empty());
      }
    }
    assertThat(told).containsExactly("connected", "lost", "connected");
  }

  @Test
  void aRefusalIsOneThoughItsBodyIsBrokenOff() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) ->
            ScriptedServer.send(
                out, "HTTP/1.1 413 x\r\nContent-Length: 1000\r\n\r\n{\"detail\": \"large\""))) {
      IngestClient ingest = ingest(server, Duration.ofSeconds(10));
      assertThatThrownBy(() -> ingest.publish(NOTHING, Optional.empty()))
          .isInstanceOf(RefusedException.class)
          .hasMessageEndingWith(" answered 413: large");
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void whatIsAnsweredWithoutAnEventIdWasNotStored() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> ScriptedServer.status(out, 204, "", ""))) {
      IngestClient ingest = ingest(server, Duration.ofSeconds(10));
      RefusedException refused =
          catchThrowableOfType(
              RefusedException.class, () -> ingest.publish(NOTHING, Optional.empty()));
      assertThat(refused.reason()).isEqualTo(Reason.NOT_OPLOG);
      assertThat(refused).hasMessageContaining("answered 204 without an event id");
    }
  }
}
