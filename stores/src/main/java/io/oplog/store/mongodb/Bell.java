package io.oplog.store.mongodb;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets one thread wait until there may be something to do. Thread-safe. */
final class Bell {
  private final Semaphore rung = new Semaphore(0);

  /** There may be something to do; said twice it is heard once. */
  void ring() {
    if (rung.availablePermits() == 0) {
      rung.release();
    }
  }

  /** Waits until it was rung since the last time, or a limit is over, or the thread interrupted. */
  void await(long limitMillis) {
    try {
      boolean _ = rung.tryAcquire(limitMillis, TimeUnit.MILLISECONDS);
      rung.drainPermits();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
