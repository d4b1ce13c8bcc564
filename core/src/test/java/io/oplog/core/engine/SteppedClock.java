package io.oplog.core.engine;

import io.oplog.core.store.StoreClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The machine's clock, and what a test lets pass. Thread-safe. */
final class SteppedClock implements StoreClock {
  private final AtomicLong passed = new AtomicLong();

  void pass(Duration time) {
    passed.addAndGet(time.toMillis());
  }

  @Override
  public long wallMillis() {
    return SYSTEM.wallMillis() + passed.get();
  }

  @Override
  public long monotonicMillis() {
    return SYSTEM.monotonicMillis() + passed.get();
  }
}
