package io.oplog.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt, and when to give up. The wait doubles with each failure
 * and is then shortened at random by up to a half, so that clients which lost one server together
 * do not come back together.
 *
 * @param first the longest wait after the first failure
 * @param longest the longest wait of all
 * @param giveUpAfter how long failures may go on without a success in between; {@link
 *     Duration#ZERO} never gives up
 */
public record RetryPolicy(Duration first, Duration longest, Duration giveUpAfter) {
  private static final Duration LEAST = Duration.ofMillis(100);

  /** Starts with a second, waits half a minute at most, and never gives up. */
  public static final RetryPolicy FOREVER =
      new RetryPolicy(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ZERO);

  /** For one who waits for the end: quicker, and gives up. */
  public static final RetryPolicy BRIEF =
      new RetryPolicy(Duration.ofMillis(250), Duration.ofSeconds(4), Duration.ofSeconds(60));

  public RetryPolicy {
    if (first.isNegative() || longest.compareTo(first) < 0 || giveUpAfter.isNegative()) {
      throw new IllegalArgumentException(
          "must be 0 <= first <= longest, 0 <= giveUpAfter: first="
              + first
              + " longest="
              + longest
              + " giveUpAfter="
              + giveUpAfter);
    }
  }

  /** The same waits, but another patience. */
  public RetryPolicy givingUpAfter(Duration patience) {
    return new RetryPolicy(first, longest, patience);
  }

  /**
   * The same patience, but the first wait that a server asked for: at least a tenth of a second, or
   * our own first wait if that is shorter, so that no server makes its clients come back at once
   * for ever; and at most the longest.
   */
  public RetryPolicy startingWith(Duration wait) {
    Duration least = min(first, LEAST);
    return new RetryPolicy(
        min(longest, wait.compareTo(least) < 0 ? least : wait), longest, giveUpAfter);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /**
   * The wait before the next attempt.
   *
   * @param failures how many attempts failed since the last success, at least 1
   */
  public Duration delay(int failures, RandomGenerator random) {
    long millis = first.toMillis() << Math.min(failures - 1, 20);
    long bounded = Math.min(Math.max(millis, 0), longest.toMillis());
    return Duration.ofMillis(bounded - (long) (random.nextDouble() * bounded / 2));
  }

  /** How much patience is left after failing for so long; zero or less is none. */
  Duration patience(Duration failing) {
    return giveUpAfter.isZero() ? longest.plusDays(1) : giveUpAfter.minus(failing);
  }
}
