package io.oplog.client.sync;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Optional;

/**
 * Looks for a batch whose place was not heard. Of several places that read the same the last
 * counts, and is not certain.
 */
final class BatchSearch implements SyncLog.Changes {
  private final Window window;
  private final RollingHash hash;
  private final Deque<Operation> row = new ArrayDeque<>();
  private long lastSequence;
  private Optional<OwnBatch> found = Optional.empty();

  BatchSearch(Window window) {
    this.window = window;
    this.hash = new RollingHash(window.count());
  }

  @Override
  public void changed(EventId id, Operation operation) {
    if (id.sequence() != lastSequence + 1) {
      row.clear();
      hash.clear();
    }
    lastSequence = id.sequence();
    row.add(operation);
    hash.add(operation);
    if (row.size() > window.count()) {
      row.remove();
    }
    if (hash.isFull() && hash.value() == window.hash()) {
      long first = lastSequence - window.count() + 1;
      found = Optional.of(new OwnBatch(new ArrayList<>(row), first, found.isEmpty()));
    }
  }

  /** Empty when the log does not hold it whole any more. */
  Optional<OwnBatch> found() {
    return found;
  }
}
