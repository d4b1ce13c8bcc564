package io.oplog.client.sync;

import io.oplog.client.RefusedException;
import io.oplog.client.sync.sort.Entry;
import io.oplog.protocol.Operation;
import java.util.SortedMap;
import java.util.TreeMap;

/** The objects of a run that the server refuses, each once. Thread-confined. */
final class Refusals {
  /** As many are named. */
  private static final int MOST_NAMED = 10;

  /** Refusals without end are about something else than objects. */
  private static final int MOST = 1_000_000;

  private final SyncProgress progress;
  private final ObjectSet objects;
  private final SortedMap<String, Long> types = new TreeMap<>();
  private long count;

  Refusals(SyncProgress progress) {
    this(progress, MOST);
  }

  Refusals(SyncProgress progress, int most) {
    this.progress = progress;
    this.objects = new ObjectSet(most);
  }

  /**
   * An operation was refused, and nothing of its object is sent any more.
   *
   * @throws RefusedException {@code refusal} when there are too many
   */
  void add(Operation operation, RefusedException refusal) throws RefusedException {
    if (contains(operation)) {
      return;
    }
    if (!objects.add(Hash64.ofObject(operation.type(), operation.id()))) {
      throw refusal;
    }
    types.merge(operation.type(), 1L, Long::sum);
    count++;
    tell(operation, refusal);
  }

  private void tell(Operation operation, RefusedException refusal) {
    if (count <= MOST_NAMED) {
      progress.note(Entry.name(operation) + " is left out: " + refusal.detail());
    } else if (count == MOST_NAMED + 1) {
      progress.note("more objects are left out, and only the first " + MOST_NAMED + " are named");
    }
  }

  boolean contains(Operation operation) {
    return objects.contains(Hash64.ofObject(operation.type(), operation.id()));
  }

  /** How many, by type. */
  SortedMap<String, Long> types() {
    return types;
  }
}
