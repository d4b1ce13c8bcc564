package io.oplog.server.command;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end in order when the process is told to stop (SIGTERM, SIGINT, SIGHUP): runs an
 * action, then waits until the command is done.
 */
final class StopSignal implements AutoCloseable {
  /** For what nobody sets a time: the last answers, the threads, the store. */
  private static final Duration FIXED_PHASES = Duration.ofSeconds(60);

  private static final int UNDECIDED = -1;

  private final Thread hook = new Thread(this::signalled, "stop");
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Duration longest;
  private volatile Runnable action = () -> {};
  private volatile int exitCode = UNDECIDED;

  StopSignal() {
    this(Duration.ZERO);
  }

  /**
   * Listens for the signal.
   *
   * @param graces how long the command may take to end by its own options
   */
  StopSignal(Duration graces) {
    longest = FIXED_PHASES.plus(graces);
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** How long the process waits for the command to be done; then it ends all the same. */
  Duration longest() {
    return longest;
  }

  /** What is to be done at the signal. */
  void onSignal(Runnable newAction) {
    action = newAction;
    if (isSignalled()) {
      newAction.run();
    }
  }

  boolean isSignalled() {
    return stopping.getCount() == 0;
  }

  /** Waits for the signal. */
  void await() throws InterruptedException {
    stopping.await();
  }

  /** The exit code in place of the signal's own 128 + n. */
  void exitWith(int code) {
    exitCode = code;
  }

  private void signalled() {
    stopping.countDown();
    action.run();
    try {
      boolean ended = done.await(longest.toMillis(), TimeUnit.MILLISECONDS);
      if (ended && exitCode != UNDECIDED) {
        Runtime.getRuntime().halt(exitCode);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The command is done. */
  @Override
  public void close() {
    done.countDown();
    if (!isSignalled()) {
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
