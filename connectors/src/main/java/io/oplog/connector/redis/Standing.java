package io.oplog.connector.redis;

import java.time.Duration;
import java.util.Optional;

/**
 * Where a source stands.
 *
 * @param stored the position that Redis has; empty for none
 * @param position from which to go on: the same, or the one that this copy remembers where Redis
 *     has forgotten it; empty for none
 * @param seconds how long ago it was moved
 */
record Standing(String stored, String position, long seconds) {

  /** Whether there is a position, and it is older than a limit other than zero. */
  boolean isOlderThan(Duration limit) {
    return !position.isEmpty() && !limit.isZero() && seconds > limit.toSeconds();
  }

  /** Where to go on. */
  Optional<String> next() {
    return position.isEmpty() ? Optional.empty() : Optional.of(position);
  }

  /** Why nothing from there on is published. */
  String tooOld(Duration limit) {
    return "the position is "
        + seconds
        + " s old, more than the catch-up limit of "
        + limit.toSeconds()
        + " s";
  }
}
