package io.oplog.server.crash;

import io.oplog.testkit.TcpProxy.Fault;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What one of several servers meets, and for how long. */
enum Trouble {
  /** SIGKILL; it is started again. */
  KILLED(0, 3),

  /** SIGTERM; it ends by itself, and is started again. */
  STOPPED(0, 3),

  /** It stands still for a moment. */
  PAUSED(0, 4),

  /** It stands still for longer than its lease of 10 s, and than the driver takes for a block. */
  FROZEN(11, 14),

  /**
   * It stands still for longer than every time-out: 15 s for an append, and 30 s for an answer of
   * the database.
   */
  FROZEN_LONG(35, 50),

  /** Its connections to the database break. */
  CUT(0, 0),

  REFUSED(0, 5, Fault.REFUSED),
  STALLED(0, 12, Fault.STALLED),
  BLACK_HOLE(0, 12, Fault.BLACK_HOLE),

  /** What it writes is written, and it does not hear of it. */
  DEAF(0, 5, Fault.DEAF);

  private final int leastSeconds;
  private final int mostSeconds;
  private final @Nullable Fault fault;

  Trouble(int leastSeconds, int mostSeconds) {
    this(leastSeconds, mostSeconds, null);
  }

  Trouble(int leastSeconds, int mostSeconds, @Nullable Fault fault) {
    this.leastSeconds = leastSeconds;
    this.mostSeconds = mostSeconds;
    this.fault = fault;
  }

  /** What is wrong between it and the database; null when that is not the trouble. */
  @Nullable Fault fault() {
    return fault;
  }

  /** A length of time for it. */
  Duration time(SplittableRandom random) {
    return Duration.ofMillis(random.nextLong(leastSeconds * 1000L, mostSeconds * 1000L + 1));
  }
}
