package io.oplog.client;

import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Counts the failures since the last success. Thread-confined. */
final class Backoff {
  private final RandomGenerator random = new SplittableRandom();
  private final ConnectionListener listener;
  private RetryPolicy policy;
  private int failures;
  private long failingSince;

  Backoff(RetryPolicy policy, ConnectionListener listener) {
    this.policy = policy;
    this.listener = listener;
  }

  void succeeded() {
    failures = 0;
  }

  void startWith(Duration wait) {
    policy = policy.startingWith(wait);
  }

  /**
   * Counts a failure.
   *
   * @param atLeast what the server asked for
   * @return how long to wait
   * @throws UnavailableException when it is time to give up
   */
  Duration failed(IOException cause, Duration atLeast) throws UnavailableException {
    if (failures++ == 0) {
      failingSince = System.nanoTime();
    }
    Duration patience = policy.patience(Duration.ofNanos(System.nanoTime() - failingSince));
    if (patience.isNegative() || patience.isZero()) {
      throw new UnavailableException(reason(cause), cause);
    }
    Duration wait = min(patience, max(atLeast, policy.delay(failures, random)));
    listener.lost(cause, wait);
    return wait;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration max(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? b : a;
  }

  static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isEmpty() ? cause.getClass().getSimpleName() : message;
  }
}
