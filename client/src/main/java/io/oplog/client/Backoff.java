package io.oplog.client;

import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Counts the failures since the last success, and the time since the first attempt of them.
 * Thread-confined.
 */
final class Backoff {
  /** The last attempt has this long even where no patience is left. */
  private static final Duration LAST_ATTEMPT = Duration.ofSeconds(1);

  private final RandomGenerator random = new SplittableRandom();
  private final ConnectionListener listener;
  private RetryPolicy policy;
  private int failures;
  private boolean failing;
  private boolean isLastAttempt;
  private @Nullable IOException told;
  private long failingSince;

  Backoff(RetryPolicy policy, ConnectionListener listener) {
    this.policy = policy;
    this.listener = listener;
  }

  /**
   * An attempt starts.
   *
   * @param most how long it may take by itself
   * @return how long it may take
   */
  Duration attempt(Duration most) {
    Duration allowed = max(LAST_ATTEMPT, patience());
    isLastAttempt = allowed.compareTo(most) < 0;
    return min(most, allowed);
  }

  /** The attempt was answered. What comes after may still fail, and its time starts anew. */
  void answered() {
    failing = failures > 0;
  }

  void succeeded() {
    failures = 0;
    failing = false;
    told = null;
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
    failures++;
    Duration patience = patience();
    if (patience.isNegative() || patience.isZero()) {
      // an attempt that was cut short says less than one before it
      boolean saysLess = isLastAttempt && !(cause instanceof BusyException);
      IOException reason = saysLess && told != null ? told : cause;
      throw new UnavailableException(reason(reason), reason);
    }
    told = cause;
    Duration wait = min(patience, max(atLeast, policy.delay(failures, random)));
    listener.lost(cause, wait);
    return wait;
  }

  /** What is left of it; the time starts with the first attempt that asks. */
  private Duration patience() {
    if (!failing) {
      failing = true;
      failingSince = System.nanoTime();
    }
    return policy.patience(Duration.ofNanos(System.nanoTime() - failingSince));
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
