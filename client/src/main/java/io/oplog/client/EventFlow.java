package io.oplog.client;

import io.oplog.protocol.StreamEvent;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.Supplier;

/** Each subscriber has a stream of its own, and a thread that reads it. Thread-safe. */
final class EventFlow implements Flow.Publisher<StreamEvent> {
  private final Supplier<EventStream> streams;

  EventFlow(Supplier<EventStream> streams) {
    this.streams = streams;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super StreamEvent> subscriber) {
    Objects.requireNonNull(subscriber);
    new EventSubscription(subscriber, streams.get()).start();
  }
}
