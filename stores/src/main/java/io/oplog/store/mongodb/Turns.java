package io.oplog.store.mongodb;

import java.util.Map;
import java.util.TreeMap;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to append. Agents that appended within the last second may want to append again,
 * and go round in the order of their names: without that the one that has just appended would come
 * first for ever, since the others must hear of its block before they can try, and all others would
 * try the same place. Only good manners: whoever appends out of turn does no harm. Thread-safe.
 */
final class Turns {
  private static final long RECENT_NANOS = 1_000_000_000L;

  private final ObjectId self;
  private final Map<ObjectId, Long> recent = new TreeMap<>();
  private @Nullable ObjectId last;

  Turns(ObjectId self) {
    this.self = self;
  }

  /** An agent has appended, at a value of {@code nanoTime}. */
  synchronized void appended(ObjectId agent, long nanos) {
    last = agent;
    recent.put(agent, nanos);
  }

  /** How many others' turns come before the own one. */
  synchronized int before(long nanos) {
    recent.values().removeIf(at -> nanos - at > RECENT_NANOS);
    ObjectId from = last;
    return from == null
        ? 0
        : (int) recent.keySet().stream().filter(agent -> comesBefore(agent, from)).count();
  }

  /** Whether one stands between the last and this agent, on the way round. */
  private boolean comesBefore(ObjectId agent, ObjectId from) {
    if (agent.equals(self) || agent.equals(from)) {
      return false;
    }
    boolean afterLast = agent.compareTo(from) > 0;
    boolean beforeSelf = agent.compareTo(self) < 0;
    return self.compareTo(from) > 0 ? afterLast && beforeSelf : afterLast || beforeSelf;
  }
}
