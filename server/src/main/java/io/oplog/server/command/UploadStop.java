package io.oplog.server.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

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
  private volatile boolean requested;

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

  /** Whether there was a signal, so that the report is not ours to give. */
  boolean requested() {
    return requested;
  }

  private void signalled() {
    requested = true;
    stop.run();
    try {
      boolean _ = ended.await(LAST_ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    report.run();
  }

  /** The upload has ended. */
  @Override
  public void close() {
    ended.countDown();
    if (!requested) {
      remove();
    }
  }

  private void remove() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the signal came between; the hook ends by itself
    }
  }
}
