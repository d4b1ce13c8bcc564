package io.oplog.server.command;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * At a signal, lets the batch on its way be answered, says how far the run is, and leaves the
 * process to end with the signal's code. Does not wait for the input, which may be a silent pipe.
 */
final class RunStop implements AutoCloseable {
  private static final long LAST_ANSWER_SECONDS = 2;

  private final Thread hook = new Thread(this::signalled, "stop");
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable stop;
  private final Runnable report;
  private final AtomicReference<Teller> teller = new AtomicReference<>(Teller.NOBODY);

  /** Whose the end is to tell. */
  private enum Teller {
    NOBODY,
    RUN,
    SIGNAL
  }

  /**
   * Waits for signals.
   *
   * @param stop asks the run to end
   * @param report says how far it is
   */
  RunStop(Runnable stop, Runnable report) {
    this.stop = stop;
    this.report = report;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether the end is the run's to tell: the signal's if it came first. */
  boolean claim() {
    return claim(Teller.RUN);
  }

  private boolean claim(Teller who) {
    return teller.compareAndSet(Teller.NOBODY, who) || teller.get() == who;
  }

  /**
   * What follows is done, and told by the run: a signal that comes later says nothing.
   *
   * @throws CancellationException when one came before
   */
  void commit() {
    if (!claim()) {
      throw stopped();
    }
  }

  /**
   * Does what ends at the signal, if only by failing. That is not told then.
   *
   * @throws CancellationException when the signal has ended it
   */
  void run(Work work) throws Exception {
    try {
      work.run();
    } catch (Exception e) {
      throw claim() ? e : stopped();
    }
  }

  private static CancellationException stopped() {
    return new CancellationException("stopped by a signal");
  }

  /** What is done until a signal comes. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  /** A signal came. */
  void signalled() {
    boolean first = claim(Teller.SIGNAL);
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

  /** The run has ended. */
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
