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
  /** Some 100 MB of them. */
  private static final int MOST = 1_000_000;

  /** A live has the id of the last state before it, and is another event. */
  private record Key(EventId id, Class<?> kind) {}

  private static final class Waiting {
    private final EventId id;
    private boolean isDone;

    /** Handed out next under the same key, as states are after a reset; of the last the first. */
    private Waiting next = this;

    Waiting(EventId id) {
      this.id = id;
    }
  }

  /** What was handed out, from the first that is not done. */
  private final Deque<Waiting> events = new ArrayDeque<>();

  /** Those that are not done; of one key the last. */
  private final Map<Key, Waiting> open = new HashMap<>();

  private Optional<EventId> checkpoint = Optional.empty();

  /**
   * Before another event is taken.
   *
   * @throws IllegalStateException when so many were, and the first of them is not done
   */
  void requireRoom() {
    if (events.size() >= MOST) {
      throw new IllegalStateException(
          MOST
              + " events were handed out since "
              + events.getFirst().id
              + ", which is not acknowledged");
    }
  }

  /**
   * An event is handed out.
   *
   * @param kind tells it from others under its id
   */
  void handedOut(EventId id, Class<?> kind) {
    Waiting event = new Waiting(id);
    events.addLast(event);
    Waiting before = open.put(new Key(id, kind), event);
    if (before != null) {
      event.next = before.next;
      before.next = event;
    }
  }

  /** Nothing for this consumer stands before a position. */
  void progressed(EventId id) {
    Waiting last = events.peekLast();
    if (last == null) {
      checkpoint = Optional.of(id);
      return;
    }
    Waiting event = new Waiting(id);
    event.isDone = true;
    if (last.isDone) {
      events.removeLast(); // one position after what is open is enough
    }
    events.addLast(event);
  }

  /**
   * An event is done, of several alike the first that is not; one that was already, or was never
   * handed out, changes nothing.
   */
  void acknowledged(EventId id, Class<?> kind) {
    Key key = new Key(id, kind);
    Waiting last = open.get(key);
    if (last == null) {
      return;
    }
    Waiting event = last.next;
    event.isDone = true;
    last.next = event.next;
    if (event == last) {
      open.remove(key);
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
