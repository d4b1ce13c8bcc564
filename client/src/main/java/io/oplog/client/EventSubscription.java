package io.oplog.client;

import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands out a stream to a subscriber as it asks, on a thread of its own. What it has not asked for
 * waits in the network.
 *
 * @see <a href="https://github.com/reactive-streams/reactive-streams-jvm">Reactive Streams</a>
 */
final class EventSubscription implements Flow.Subscription {
  private final Flow.Subscriber<? super StreamEvent> subscriber;
  private final EventStream stream;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock, as all below. */
  private long demand;

  private boolean isCancelled;
  private @Nullable IllegalArgumentException misuse;

  EventSubscription(Flow.Subscriber<? super StreamEvent> subscriber, EventStream stream) {
    this.subscriber = subscriber;
    this.stream = stream;
  }

  void start() {
    Thread thread = new Thread(this::run, "oplog-subscription");
    thread.setDaemon(true);
    thread.start();
  }

  /** Rule 3.9: a demand that is none ends the subscription with an error. */
  @Override
  public void request(long count) {
    lock.lock();
    try {
      if (count <= 0) {
        misuse = new IllegalArgumentException("must be > 0: request(" + count + ")");
      } else {
        demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (count <= 0) {
      stream.close();
    }
  }

  @Override
  public void cancel() {
    lock.lock();
    try {
      isCancelled = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    stream.close();
  }

  private void run() {
    try (stream) {
      subscriber.onSubscribe(this);
      StreamEvent event = awaitNext();
      while (event != null) {
        subscriber.onNext(event);
        event = awaitNext();
      }
    }
  }

  /** Null when the subscriber wants no more, or was told why there is none. */
  private @Nullable StreamEvent awaitNext() {
    try {
      return awaitDemand() ? stream.next() : null;
    } catch (IOException | InterruptedException | RuntimeException e) {
      end(e);
      return null;
    }
  }

  /** Takes one from the demand; false when the subscriber wants no more. */
  private boolean awaitDemand() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (demand == 0 && !isCancelled && misuse == null) {
        changed.await();
      }
      if (misuse != null) {
        throw new ClosedException("the stream");
      }
      demand -= demand == Long.MAX_VALUE ? 0 : 1;
      return !isCancelled;
    } finally {
      lock.unlock();
    }
  }

  private void end(Exception cause) {
    Throwable told = cause;
    lock.lock();
    try {
      if (isCancelled) {
        return;
      }
      isCancelled = true;
      if (misuse != null) {
        told = misuse;
      }
    } finally {
      lock.unlock();
    }
    subscriber.onError(told);
  }
}
