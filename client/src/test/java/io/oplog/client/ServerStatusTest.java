package io.oplog.client;

import static io.oplog.client.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.oplog.client.RefusedException.Reason;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ServerStatusTest {
  @Test
  void theStatusIsWhatTheServerSays() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer((n, request, out) -> status(out, 200, "", "{\"status\":\"é\"}"))) {
      assertThat(ServerStatus.fetch(server.endpoint())).isEqualTo("{\"status\":\"é\"}");
      assertThat(server.requests().get(0).target()).isEqualTo("/status");
    }
  }

  @Test
  void anAnswerThatDoesNotEndIsRefusedBeforeItFillsTheMemory() throws Exception {
    AtomicLong sent = new AtomicLong();
    try (ScriptedServer server = ScriptedServer.large(200, sent)) {
      RefusedException refused =
          catchThrowableOfType(RefusedException.class, () -> ServerStatus.fetch(server.endpoint()));
      assertThat(refused.reason()).isEqualTo(Reason.NOT_OPLOG);
      assertThat(refused).hasMessage(server.endpoint() + " answered with more than 1 MiB");
      assertThat(sent.get()).isLessThan(ScriptedServer.LARGE);
    }
  }
}
