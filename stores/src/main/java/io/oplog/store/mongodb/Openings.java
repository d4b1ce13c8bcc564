package io.oplog.store.mongodb;

import io.oplog.protocol.EventId;
import java.util.ArrayDeque;
import java.util.List;

/** The openings that this process knows of: as many of the newest as are stored. Thread-safe. */
final class Openings {
  private final ArrayDeque<Opening> newest = new ArrayDeque<>();

  synchronized void addAll(List<Opening> openings) {
    openings.forEach(this::add);
  }

  synchronized void add(Opening opening) {
    newest.addLast(opening);
    if (newest.size() > Opening.MOST) {
      newest.removeFirst();
    }
  }

  /** Whether an id belongs to a history that was lost. */
  synchronized boolean lost(EventId id) {
    return newest.stream().anyMatch(opening -> opening.lost(id));
  }
}
