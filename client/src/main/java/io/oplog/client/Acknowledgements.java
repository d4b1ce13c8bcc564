package io.oplog.client;

import io.oplog.protocol.EventId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which events are done, in whatever order that becomes so. The checkpoint is the last one before
 * the first that is not: whoever goes on after it misses nothing. Not thread-safe.
 */
final class Acknowledgements {

  private static final class Waiting {
    private final EventId id;
    private boolean isDone;

    Waiting(EventId id) {
      this.id = id;
    }
  }

  /** What was handed out, from the first that is not done. */
  private final Deque<Waiting> events = new ArrayDeque<>();

  /** Those that are not done. */
  private final Map<EventId, Deque<Waiting>> open = new HashMap<>();

  private Optional<EventId> checkpoint = Optional.empty();

  /** An event is handed out. */
  void handedOut(EventId id) {
    Waiting event = new Waiting(id);
    events.addLast(event);
    open.computeIfAbsent(id, key -> new ArrayDeque<>()).addLast(event);
  }

  /** Nothing for this consumer stands before a position. */
  void progressed(EventId id) {
    Waiting event = new Waiting(id);
    event.isDone = true;
    events.addLast(event);
    pass();
  }

  /** An event is done; one that was already, or was never handed out, changes nothing. */
  void acknowledged(EventId id) {
    Deque<Waiting> same = open.get(id);
    if (same == null) {
      return;
    }
    same.removeFirst().isDone = true;
    if (same.isEmpty()) {
      open.remove(id);
    }
    pass();
  }

  private void pass() {
    while (!events.isEmpty() && events.getFirst().isDone) {
      checkpoint = Optional.of(events.removeFirst().id);
    }
  }

  /** Empty before anything is done. */
  Optional<EventId> checkpoint() {
    return checkpoint;
  }
}
