package io.oplog.client;

import io.oplog.protocol.StreamEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Handlers side by side on threads of their own. Of each object one event is handled at a time, in
 * their order; resets and lives are handled alone, when all before them is done.
 */
final class Processing {
  private static final Duration LOOK = Duration.ofMillis(200);

  /** What is read and not handled: enough that one slow object does not stop the others at once. */
  private static final int MOST_WAITING_EACH = 16;

  private record ObjectKey(String type, String id) {}

  private final AcknowledgedStream stream;
  private final EventHandler handler;
  private final int mostOpen;
  private final ExecutorService threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock, as all below: of each object what follows the event that is handled. */
  private final Map<ObjectKey, Deque<StreamEvent.Change>> objects = new HashMap<>();

  private int open;
  private boolean isStopping;
  private @Nullable Throwable failure;

  Processing(AcknowledgedStream stream, EventHandler handler, int concurrency) {
    if (concurrency < 1) {
      throw new IllegalArgumentException("must be > 0: concurrency=" + concurrency);
    }
    this.stream = stream;
    this.handler = handler;
    this.mostOpen = concurrency * MOST_WAITING_EACH;
    this.threads =
        Executors.newFixedThreadPool(
            concurrency,
            work -> {
              Thread thread = new Thread(work, "oplog-handler");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Goes on until something fails, or the stream is closed. */
  void run() throws Exception {
    Throwable ended = null;
    try {
      readAll();
    } catch (Throwable e) {
      ended = e;
    }
    stop();
    if (ended instanceof InterruptedException) {
      interrupt();
    }
    threads.shutdown();
    awaitEnd();
    throwFailure(ended);
  }

  private void readAll() throws Exception {
    while (!isOver()) {
      Optional<StreamEvent> event = stream.poll(LOOK);
      if (event.isPresent()) {
        handle(event.get());
      }
    }
  }

  /** Those who handle hear of it. */
  private void interrupt() {
    threads.shutdownNow().forEach(Runnable::run); // they are counted, and handle nothing
  }

  /** Only one more interrupt leaves before the last handler has ended. */
  private void awaitEnd() throws InterruptedException {
    try {
      awaitOpen(0);
    } catch (InterruptedException e) {
      interrupt();
      awaitOpen(0);
      Thread.currentThread().interrupt();
    }
  }

  /** What has not begun by now is not begun. */
  private void stop() {
    lock.lock();
    try {
      isStopping = true;
    } finally {
      lock.unlock();
    }
  }

  private void handle(StreamEvent event) throws Exception {
    if (event instanceof StreamEvent.Change change) {
      awaitOpen(mostOpen - 1);
      begin(change);
      return;
    }
    awaitOpen(0);
    if (!isOver()) {
      handler.handle(event);
      stream.acknowledge(event);
    }
  }

  /** Waits until no more than so many are read and not handled. */
  private void awaitOpen(int most) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (open > most) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void begin(StreamEvent.Change change) {
    ObjectKey key = new ObjectKey(change.operation().type(), change.operation().id());
    lock.lock();
    try {
      open++;
      Deque<StreamEvent.Change> following = objects.get(key);
      if (following != null) {
        following.addLast(change);
        return;
      }
      objects.put(key, new ArrayDeque<>());
    } finally {
      lock.unlock();
    }
    execute(key, change);
  }

  /** There may be no memory for another thread. */
  private void execute(ObjectKey key, StreamEvent.Change change) {
    boolean isBegun = false;
    try {
      threads.execute(() -> handleAll(key, change));
      isBegun = true;
    } finally {
      if (!isBegun) {
        forget(key);
      }
    }
  }

  private void forget(ObjectKey key) {
    lock.lock();
    try {
      objects.remove(key);
      open--;
    } finally {
      lock.unlock();
    }
  }

  /** An event, and then what has come of the same object meanwhile. */
  private void handleAll(ObjectKey key, StreamEvent.Change first) {
    StreamEvent.Change change = first;
    while (change != null) {
      if (!isOver()) {
        handleOne(change);
      }
      change = following(key);
    }
  }

  private void handleOne(StreamEvent.Change change) {
    try {
      handler.handle(change);
      stream.acknowledge(change);
    } catch (Throwable e) {
      failed(e);
    }
  }

  private StreamEvent.@Nullable Change following(ObjectKey key) {
    lock.lock();
    try {
      open--;
      changed.signalAll();
      Deque<StreamEvent.Change> following = objects.get(key);
      StreamEvent.Change next = following == null ? null : following.pollFirst();
      if (next == null) {
        objects.remove(key);
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void failed(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isOver() {
    lock.lock();
    try {
      return isStopping || failure != null;
    } finally {
      lock.unlock();
    }
  }

  /** The handler's failure; one of the stream beside it is not lost. */
  private void throwFailure(@Nullable Throwable ended) throws Exception {
    Throwable told = failure();
    if (told == null) {
      told = ended == null ? new ClosedException("the stream") : ended;
    } else if (ended != null) {
      told.addSuppressed(ended);
    }
    if (told instanceof Error error) {
      throw error;
    }
    throw (Exception) told;
  }

  private @Nullable Throwable failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }
}
