package io.oplog.connector.document;

import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reads a source from one position on, on a thread of its own that uses the source alone until it
 * is stopped. Stops by itself at a failure, which is told to whoever takes what was read, after all
 * of that. Thread-safe.
 */
final class ReadAhead {
  private static final int MOST_READ_BYTES = 1 << 20;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final Source<DocumentChange> source;
  private final long mostBytes;
  private final Thread thread = new Thread(this::run, "oplog-relay-read");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasMore = lock.newCondition();
  private final Condition hasRoom = lock.newCondition();

  /** Guarded by the lock, as all below. */
  private final Lanes lanes;

  private @Nullable Throwable failure;
  private @Nullable String acknowledged;

  /**
   * @param lanes where what was read waits; at the source's position
   */
  ReadAhead(Source<DocumentChange> source, Lanes lanes, long mostBytes) {
    this.source = source;
    this.lanes = lanes;
    this.mostBytes = mostBytes;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        awaitRoom();
        acknowledge();
        Optional<Batch<DocumentChange>> batch = source.next(MOST_READ_BYTES, WAIT);
        batch.ifPresent(this::add);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      end(e);
    }
  }

  private void awaitRoom() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (lanes.bytes() >= mostBytes) {
        hasRoom.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private void acknowledge() throws IOException {
    String position = takeAcknowledged();
    if (position != null) {
      source.acknowledged(position);
    }
  }

  private @Nullable String takeAcknowledged() {
    lock.lock();
    try {
      String position = acknowledged;
      acknowledged = null;
      return position;
    } finally {
      lock.unlock();
    }
  }

  private void add(Batch<DocumentChange> batch) {
    lock.lock();
    try {
      lanes.add(batch);
      hasMore.signal();
    } finally {
      lock.unlock();
    }
  }

  private void end(Throwable cause) {
    lock.lock();
    try {
      failure = cause;
      hasMore.signal();
    } finally {
      lock.unlock();
    }
  }

  /** As of a source. One thread. */
  Optional<Batch<DocumentChange>> next(int maxBytes, Duration wait)
      throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = wait.toNanos();
      Optional<Batch<DocumentChange>> batch = lanes.poll(maxBytes);
      while (batch.isEmpty() && nanos > 0) {
        throwFailure();
        nanos = hasMore.awaitNanos(nanos);
        batch = lanes.poll(maxBytes);
      }
      hasRoom.signal();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void throwFailure() throws IOException {
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IOException("reading was ended", failure);
    }
  }

  /** The source is told so by the thread that reads it, within a second. */
  void acknowledged(String position) {
    lock.lock();
    try {
      acknowledged = position;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread; what it has read and nobody has taken is forgotten. */
  void stop() throws IOException, InterruptedException {
    interrupt();
    thread.join();
    acknowledge();
  }

  /** Makes the thread end soon. */
  void interrupt() {
    thread.interrupt();
  }
}
