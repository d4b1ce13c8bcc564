package io.oplog.server.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * At a signal, lets the batch on its way be answered, says how far the upload is, and leaves the
 * process to end with the signal's code. Does not wait for the input, which may be a silent pipe.
 */
final class UploadStop implements AutoCloseable {
  private static final long LAST_ANSWER_SECONDS = 2;

  private final Thread hook = new Thread(this::signalled, "stop");
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable stop;
  private final Runnable report;
  private final AtomicBoolean claimed = new AtomicBoolean();

  /**
   * Waits for signals.
   *
   * @param stop asks the upload to end
   * @param report says how far it is
   */
  UploadStop(Runnable stop, Runnable report) {
    this.stop = stop;
    this.report = report;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether the end is the caller's to tell: the signal's if it came first, else the upload's. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  private void signalled() {
    boolean first = claim();
    stop.run();
    try {
      boolean _ = ended.await(LAST_ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (first) {
      report.run();
    }
  }

  /** The upload has ended. */
  @Override
  public void close() {
    ended.countDown();
    remove();
  }

  private void remove() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // there was a signal; the hook ends by itself
    }
  }
}
