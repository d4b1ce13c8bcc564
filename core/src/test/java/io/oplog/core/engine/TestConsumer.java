package io.oplog.core.engine;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** A consumer whose connection has as much room as the test gives it. */
final class TestConsumer implements Outlet {
  private final ScheduledExecutorService loop;
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private int room;
  private @Nullable Subscription subscription;
  private volatile @Nullable CloseReason closed;

  private TestConsumer(ScheduledExecutorService loop, int room) {
    this.loop = loop;
    this.room = room;
  }

  static TestConsumer subscribe(
      ScheduledExecutorService loop,
      SubscriptionGroup group,
      SubscriptionRequest request,
      int room) {
    TestConsumer consumer = new TestConsumer(loop, room);
    run(loop, () -> consumer.subscription = group.subscribe(request, consumer));
    return consumer;
  }

  private static void run(ScheduledExecutorService loop, Runnable task) {
    try {
      loop.submit(task).get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public synchronized boolean write(ByteBuffer bytes) {
    int size = Math.min(room, bytes.remaining());
    byte[] taken = new byte[size];
    bytes.get(taken);
    received.writeBytes(taken);
    room -= size;
    return !bytes.hasRemaining();
  }

  /** Makes room for so many more bytes. */
  void grant(int bytes) {
    run(
        loop,
        () -> {
          synchronized (this) {
            room = (int) Math.min(Integer.MAX_VALUE, (long) room + bytes);
          }
          if (subscription != null) {
            subscription.writable();
          }
        });
  }

  void cancel() {
    run(
        loop,
        () -> {
          if (subscription != null) {
            subscription.cancel();
          }
        });
  }

  @Override
  public void close(CloseReason reason) {
    closed = reason;
  }

  @Nullable CloseReason closed() {
    return closed;
  }

  synchronized String text() {
    return received.toString(StandardCharsets.UTF_8);
  }

  List<Event> events() {
    return Event.parse(text());
  }

  List<String> brief() {
    return events().stream().map(Event::brief).toList();
  }

  /** Waits until there are so many events. */
  List<Event> await(int count) {
    org.awaitility.Awaitility.await().until(() -> events().size() >= count);
    return events();
  }
}
