package io.oplog.client.sync;

import io.oplog.protocol.Operation;

/** The objects that somebody else changes during a run. Thread-confined. */
final class ForeignChanges {
  /** 64 MiB. */
  private static final int MOST = 4_000_000;

  private final int most;
  private final ObjectSet objects;

  ForeignChanges() {
    this(MOST);
  }

  ForeignChanges(int most) {
    this.most = most;
    this.objects = new ObjectSet(most);
  }

  /**
   * Somebody else's operation was seen.
   *
   * @throws TryAgainException when there are too many
   */
  void add(Operation operation) throws TryAgainException {
    if (!objects.add(Hash64.ofObject(operation.type(), operation.id()))) {
      throw new TryAgainException(
          String.format("more than %,d objects changed during the run; run again", most));
    }
  }

  boolean contains(Operation operation) {
    return objects.contains(Hash64.ofObject(operation.type(), operation.id()));
  }
}
