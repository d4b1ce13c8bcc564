package io.oplog.server.crash;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes on by itself while the server comes and goes. An {@link IOException} is what
 * a killed server looks like; anything else that is thrown is kept, and fails the test.
 */
abstract class Worker implements AutoCloseable {
  private final String name;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile @Nullable Throwable failure;

  Worker(String name) {
    this.name = name;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  /** Works until the connection breaks. */
  abstract void work() throws IOException;

  /** Ends a wait for the network when the worker is to stop. */
  void interrupt() {}

  final void start() {
    thread.start();
  }

  final boolean stopped() {
    return stopped;
  }

  private void run() {
    while (!stopped) {
      try {
        work();
      } catch (IOException _) {
        pause(Duration.ofMillis(15));
      } catch (RuntimeException | AssertionError e) {
        failure = e;
        stopped = true;
      }
    }
  }

  static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  /** Fails when the worker met something that it must never meet. */
  final void verify() {
    Throwable met = failure;
    if (met != null) {
      throw new AssertionError(name + ": " + met.getMessage(), met);
    }
  }

  /** Stops, and waits for it. */
  @Override
  public final void close() {
    stopped = true;
    try {
      do {
        interrupt();
      } while (!thread.join(Duration.ofMillis(50)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
