package io.oplog.store.mongodb;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that takes a step again and again until it is closed. Thread-safe. */
final class Worker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** For a step that goes well; one that waits for a database that is away is interrupted. */
  private static final long CLOSE_MILLIS = 3000;

  private static final long INTERRUPTED_MILLIS = 500;

  private final Runnable step;
  private final Thread thread;
  private final Semaphore rung = new Semaphore(0);
  private volatile boolean closed;

  /**
   * @param step one that fails ends the thread, unless it was closed
   */
  Worker(String name, Runnable step) {
    this.step = step;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!isClosed()) {
      try {
        step.run();
      } catch (RuntimeException e) {
        if (!closed) {
          throw e;
        }
        LOG.debug("{} was cut short", thread.getName(), e);
      }
    }
  }

  /** There may be something to do; said twice it is heard once. */
  void ring() {
    if (rung.availablePermits() == 0) {
      rung.release();
    }
  }

  /**
   * Waits until it was rung since the last time, or closed, or the limit is over. For the thread
   * itself.
   */
  void await(long limitMillis) {
    try {
      boolean _ = !isClosed() && rung.tryAcquire(limitMillis, TimeUnit.MILLISECONDS);
      rung.drainPermits();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it is to end. */
  boolean isClosed() {
    return closed || thread.isInterrupted();
  }

  @Override
  public void close() {
    closed = true;
    ring();
    try {
      if (!thread.join(Duration.ofMillis(CLOSE_MILLIS))) {
        thread.interrupt();
        thread.join(INTERRUPTED_MILLIS);
      }
    } catch (InterruptedException _) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
