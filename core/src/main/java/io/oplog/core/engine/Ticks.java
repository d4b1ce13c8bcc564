package io.oplog.core.engine;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** A group's time, in ticks since it was made. Confined to one event loop. */
final class Ticks {
  private static final int NEVER = Integer.MAX_VALUE;

  private final StreamTimes times;
  private final long started = System.nanoTime();
  private final long nanos;
  private int now;

  Ticks(StreamTimes times) {
    this.times = times;
    long shortest = Math.min(times.heartbeat().toNanos(), times.progress().toNanos());
    this.nanos =
        Math.clamp(shortest / 16, TimeUnit.MILLISECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(1));
  }

  /** The length of a tick. */
  long nanos() {
    return nanos;
  }

  /** The tick that the loop's present task began in. */
  int now() {
    return now;
  }

  /** A task of the loop begins. */
  void update() {
    now = (int) ((System.nanoTime() - started) / nanos);
  }

  int heartbeat() {
    return of(times.heartbeat());
  }

  int progress() {
    return of(times.progress());
  }

  int writeTimeout() {
    return of(times.writeTimeout());
  }

  private int of(Duration duration) {
    return Math.clamp(duration.toNanos() / nanos, 1, NEVER / 2);
  }

  /** The tick at which a stream that begins now has its greatest age, give or take a tenth. */
  int closeAt() {
    if (times.maxAge().isZero()) {
      return NEVER;
    }
    double jitter = ThreadLocalRandom.current().nextDouble(0.9, 1.1);
    return now + Math.max(1, (int) (times.maxAge().toNanos() * jitter / nanos));
  }
}
