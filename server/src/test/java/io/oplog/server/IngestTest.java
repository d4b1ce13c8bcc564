package io.oplog.server;

import static io.oplog.server.RawClient.post;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.RawClient.Response;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What protocol.md says of ingest over HTTP. */
class IngestTest {
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";

  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anOperationIsStoredAndItsIdIsTold() throws IOException {
    Response response = server.exchange(post(ONE));
    assertThat(response.status()).isEqualTo(204);
    assertThat(response.header("oplog-event-id")).matches("[0-9a-f]{23}1");
  }

  @Test
  void aStoredOperationReachesALiveStream() throws IOException {
    try (RawClient stream = server.stream("/ops")) {
      String id = server.post(ONE);
      RawClient.Event event = stream.event();
      assertThat(event.id()).isEqualTo(id);
      assertThat(event.event()).isEqualTo("insert");
      assertThat(event.data()).contains("\"type\":\"video\",\"id\":\"x1\"");
    }
  }
}
