package io.oplog.client;

import static io.oplog.client.ScriptedServer.event;
import static io.oplog.client.ScriptedServer.id;
import static io.oplog.client.ScriptedServer.send;
import static io.oplog.client.ScriptedServer.startStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.ScriptedServer.Request;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EventStreamTest {
  private ScriptedServer server;

  @BeforeEach
  void open() throws IOException {
    server = new ScriptedServer(EventStreamTest::answer);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private static void answer(int n, Request request, OutputStream out) throws Exception {
    startStream(out);
    send(out, event("progress", 1) + event("reset", 2) + event("later", 3) + event("live", 4));
    new CountDownLatch(1).await();
  }

  private EventStream stream() {
    return new StreamClient(server.endpoint()).follow(Filter.ALL, "now");
  }

  private static StreamEvent live() {
    return new StreamEvent.Live(EventId.parse(id(4)));
  }

  @Test
  void aLoopHasWhatIsForConsumersAlone() {
    List<StreamEvent> events = new ArrayList<>();
    try (EventStream stream = stream()) {
      for (StreamEvent event : stream) {
        events.add(event);
        if (event instanceof StreamEvent.Live) {
          break;
        }
      }
      assertThat(stream.lastEventId()).isEqualTo(id(4));
    }
    assertThat(events).containsExactly(new StreamEvent.Reset(EventId.parse(id(2)), ""), live());
  }

  @Test
  void nowIsAskedForWithoutAPosition() throws Exception {
    try (EventStream stream = stream()) {
      stream.next();
      assertThat(server.requests().get(0).headers()).doesNotContainKey("last-event-id");
    }
  }

  @Test
  void aLoopEndsWithTheErrorOfAStreamThatIsClosed() {
    EventStream stream = stream();
    Iterator<StreamEvent> events = stream.iterator();
    events.next();
    stream.close();
    assertThat(events).hasNext();
    assertThatThrownBy(events::next)
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(ClosedException.class)
        .hasMessage("the stream was closed");
  }

  @Test
  void aLoopThatIsInterruptedStaysSo() {
    try (EventStream stream = stream()) {
      Iterator<StreamEvent> events = stream.iterator();
      Thread.currentThread().interrupt();
      assertThatThrownBy(events::next)
          .isInstanceOf(UncheckedIOException.class)
          .hasCauseInstanceOf(InterruptedIOException.class);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(events.next()).isInstanceOf(StreamEvent.Reset.class);
      assertThat(events.next()).isEqualTo(live());
    }
  }
}
