package io.oplog.client;

import io.oplog.protocol.EventId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which events are done, in whatever order that becomes so. The checkpoint is the last one before
 * the first that is not: whoever goes on after it misses nothing. Not thread-safe.
 */
final class Acknowledgements {
  /** Some 100 MB of them. */
  private static final int MOST = 1_000_000;

  /** What is told apart under one id: a live has that of the last state. */
  enum Kind {
    CHANGE,
    RESET,
    LIVE
  }

  private static final class Waiting {
    private final EventId id;
    private boolean isDone;

    /** Handed out next as the same, as states are after a reset; of the last the first. */
    private Waiting next = this;

    Waiting(EventId id) {
      this.id = id;
    }
  }

  /** What was handed out, from the first that is not done. */
  private final Deque<Waiting> events = new ArrayDeque<>();

  /** Those that are not done; of several alike the last. */
  private final Map<Kind, Map<EventId, Waiting>> open = new EnumMap<>(Kind.class);

  private Optional<EventId> checkpoint = Optional.empty();

  Acknowledgements() {
    for (Kind kind : Kind.values()) {
      open.put(kind, new HashMap<>());
    }
  }

  private Map<EventId, Waiting> open(Kind kind) {
    return Objects.requireNonNull(open.get(kind));
  }

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

  /** An event is handed out. */
  void handedOut(EventId id, Kind kind) {
    Waiting event = new Waiting(id);
    events.addLast(event);
    Waiting before = open(kind).put(id, event);
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
  void acknowledged(EventId id, Kind kind) {
    Waiting last = open(kind).get(id);
    if (last == null) {
      return;
    }
    Waiting event = last.next;
    event.isDone = true;
    last.next = event.next;
    if (event == last) {
      open(kind).remove(id);
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
