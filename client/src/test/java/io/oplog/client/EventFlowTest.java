package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EventFlowTest {
  private final CountDownLatch closed = new CountDownLatch(1);
  private ScriptedServer server;

  /** Asks for nothing by itself. */
  private static final class Subscriber implements Flow.Subscriber<StreamEvent> {
    final BlockingQueue<StreamEvent> heard = new LinkedBlockingQueue<>();
    final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    final CompletableFuture<Throwable> error = new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription.complete(given);
    }

    @Override
    public void onNext(StreamEvent event) {
      heard.add(event);
    }

    @Override
    public void onError(Throwable failure) {
      error.complete(failure);
    }

    @Override
    public void onComplete() {
      error.complete(new AssertionError("a stream has no end"));
    }
  }

  @BeforeEach
  void open() throws IOException {
    server = new ScriptedServer((n, request, out) -> stream(out));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void stream(OutputStream out) throws Exception {
    ScriptedServer.startStream(out);
    for (int i = 1; i <= 4; i++) {
      ScriptedServer.send(out, ScriptedServer.event(i == 2 ? "progress" : "live", i));
    }
    try {
      while (true) {
        ScriptedServer.send(out, ":\n\n");
        TimeUnit.MILLISECONDS.sleep(5);
      }
    } catch (IOException e) {
      closed.countDown();
    }
  }

  private Subscriber subscribe() {
    Subscriber subscriber = new Subscriber();
    new StreamClient(server.endpoint()).flow(Filter.ALL, "0").subscribe(subscriber);
    return subscriber;
  }

  private static String id(StreamEvent event) {
    return ((StreamEvent.Live) event).id().toString();
  }

  @Test
  void asManyEventsAreToldAsWereAskedForAndNoProgress() throws Exception {
    Subscriber subscriber = subscribe();
    Flow.Subscription subscription = subscriber.subscription.get();
    assertThat(server.requests()).as("nobody has asked").isEmpty();
    subscription.request(2);
    assertThat(id(subscriber.heard.take())).isEqualTo(ScriptedServer.id(1));
    assertThat(id(subscriber.heard.take())).isEqualTo(ScriptedServer.id(3));
    assertThat(subscriber.heard).isEmpty();
    subscription.request(Long.MAX_VALUE);
    subscription.request(Long.MAX_VALUE);
    assertThat(id(subscriber.heard.take())).isEqualTo(ScriptedServer.id(4));
    subscription.cancel();
    subscription.cancel();
    closed.await();
    assertThat(subscriber.error).isNotDone();
  }

  @Test
  void whoAsksForNothingIsToldSoAndTheStreamIsClosed() throws Exception {
    Subscriber subscriber = subscribe();
    subscriber.subscription.get().request(5);
    assertThat(id(subscriber.heard.take())).isEqualTo(ScriptedServer.id(1));
    subscriber.subscription.get().request(0);
    assertThat(subscriber.error.get())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("request(0)");
    closed.await();
  }

  @Test
  void aRefusalEndsItWithTheError() throws Exception {
    server.close();
    server = new ScriptedServer((n, request, out) -> ScriptedServer.status(out, 400, "", ""));
    Subscriber subscriber = subscribe();
    subscriber.subscription.get().request(1);
    assertThat(subscriber.error.get()).isInstanceOf(RefusedException.class);
  }

  @Test
  void eachSubscriberHasAStreamOfItsOwn() throws Exception {
    Flow.Publisher<StreamEvent> publisher =
        new StreamClient(server.endpoint()).flow(Filter.ALL, "0");
    for (int i = 0; i < 2; i++) {
      Subscriber subscriber = new Subscriber();
      publisher.subscribe(subscriber);
      subscriber.subscription.get().request(1);
      assertThat(id(subscriber.heard.take())).isEqualTo(ScriptedServer.id(1));
      subscriber.subscription.get().cancel();
    }
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void aPositionThatIsNoneIsToldToTheCaller() {
    StreamClient client = new StreamClient(server.endpoint());
    assertThatThrownBy(() -> client.flow(Filter.ALL, "soon"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.flow(Filter.ALL, "0").subscribe(null))
        .isInstanceOf(NullPointerException.class);
  }
}
