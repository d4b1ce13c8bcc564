package io.oplog.core.store;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says whether things may be dropped for their age now. A wall clock that ran ahead of the
 * monotonic clock by more than ten minutes may be wrong, and what is dropped cannot be brought
 * back: nothing is dropped by age for an hour then, so that a person or a time server can step it
 * back.
 *
 * <p>Confined to the thread that enforces retention.
 */
public final class AgeGuard {
  private static final Logger LOG = LoggerFactory.getLogger(AgeGuard.class);
  private static final long JUMP_MILLIS = 10 * 60_000;
  private static final long PAUSE_MILLIS = 60 * 60_000;

  private final StoreClock clock;
  private long wall;
  private long monotonic;
  private long pausedUntil = Long.MIN_VALUE;

  public AgeGuard(StoreClock clock) {
    this.clock = clock;
    this.wall = clock.wallMillis();
    this.monotonic = clock.monotonicMillis();
  }

  /** Whether the wall clock can be trusted with dropping. Called before each round of dropping. */
  public boolean mayDrop() {
    long wallNow = clock.wallMillis();
    long monotonicNow = clock.monotonicMillis();
    long ahead = (wallNow - wall) - (monotonicNow - monotonic);
    wall = wallNow;
    monotonic = monotonicNow;
    if (ahead > JUMP_MILLIS) {
      pausedUntil = monotonicNow + PAUSE_MILLIS;
      LOG.warn("the clock jumped {} s ahead: nothing is dropped by age for an hour", ahead / 1000);
    }
    return monotonicNow >= pausedUntil;
  }
}
