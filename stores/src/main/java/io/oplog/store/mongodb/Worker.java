package io.oplog.store.mongodb;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that takes a step again and again until it is stopped. Thread-safe. */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  /** For a step that goes well, and again for one that was interrupted. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final Runnable step;
  private final Thread thread;
  private final Semaphore rung = new Semaphore(0);
  private volatile boolean stopped;

  /**
   * @param step one that fails ends the thread, unless it is being stopped
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
    while (!isStopped()) {
      try {
        step.run();
      } catch (RuntimeException e) {
        if (!stopped) {
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
   * Waits until it was rung since the last time, or stopped, or the limit is over. For the thread
   * itself.
   */
  void await(long limitMillis) {
    try {
      boolean _ = !isStopped() && rung.tryAcquire(limitMillis, TimeUnit.MILLISECONDS);
      rung.drainPermits();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does nothing for a while, whatever rings; for the thread itself. */
  void rest(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(isStopped() ? 0 : Math.max(0, millis));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it is to end. */
  boolean isStopped() {
    return stopped || thread.isInterrupted();
  }

  /** Lets it end after the step that it is at, without waiting for that. */
  void end() {
    stopped = true;
    ring();
  }

  /**
   * Lets it end after the step that it is at, which is interrupted when it takes long. One that was
   * not started never takes a step.
   *
   * @return whether it has ended
   */
  boolean stop() {
    end();
    try {
      if (thread.getState() == Thread.State.NEW || thread.join(LIMIT)) {
        return true;
      }
      thread.interrupt();
      return thread.join(LIMIT);
    } catch (InterruptedException _) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
