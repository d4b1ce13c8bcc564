package io.oplog.testkit;

import io.oplog.core.store.StoreClock;
import java.time.Duration;

/** Clocks that stand still until a test moves them. Thread-safe. */
public final class ManualClock implements StoreClock {
  /** Where the wall clock starts: 2026-11-22T00:00:00Z. */
  public static final long START = 1_795_305_600_000L;

  private volatile long wall = START;
  private volatile long monotonic;

  @Override
  public long wallMillis() {
    return wall;
  }

  @Override
  public long monotonicMillis() {
    return monotonic;
  }

  /** Time passes: both clocks move. */
  public synchronized void pass(Duration time) {
    wall += time.toMillis();
    monotonic += time.toMillis();
  }

  /** Somebody steps the wall clock, forwards or backwards. */
  public synchronized void step(Duration by) {
    wall += by.toMillis();
  }
}
