package io.oplog.client.sync;

import io.oplog.client.sync.sort.Entry;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Follows what became of the objects of one batch, from the position that it knew to the log's end:
 * where the newest operation of somebody else stands before ours, ours has overwritten it.
 */
final class Settlement implements SyncLog.Changes {
  private final OwnBatch own;
  private final ForeignChanges foreign;
  private final Map<String, Fate> objects = new LinkedHashMap<>();
  private long seen;
  private boolean hasGap;

  /** Of one object. */
  private static final class Fate {
    private final Operation ours;
    private @Nullable Operation foreign;
    private long foreignAt;

    Fate(Operation ours) {
      this.ours = ours;
    }
  }

  /**
   * Follows from a position.
   *
   * @param foreign gets every object that somebody else changed
   */
  Settlement(Window window, OwnBatch own, ForeignChanges foreign) {
    this.own = own;
    this.foreign = foreign;
    this.seen = window.after().sequence();
    for (Operation operation : own.operations()) {
      objects.put(Entry.name(operation), new Fate(operation));
    }
  }

  @Override
  public void changed(EventId id, Operation operation) throws IOException {
    hasGap |= id.sequence() <= own.first() && id.sequence() != seen + 1;
    seen = id.sequence();
    if (own.holds(seen)) {
      return;
    }
    foreign.add(operation);
    Fate fate = objects.get(Entry.name(operation));
    if (fate != null) {
      fate.foreign = operation;
      fate.foreignAt = seen;
    }
  }

  /** The operations that are to be sent again. */
  List<Operation> overwritten() {
    List<Operation> operations = new ArrayList<>();
    for (Fate fate : objects.values()) {
      if (fate.foreign != null && fate.foreignAt < own.first() && isNewer(fate)) {
        operations.add(Objects.requireNonNull(fate.foreign));
      }
    }
    return operations;
  }

  /** What may be somebody else's own repetition of an older change is told by its timestamp. */
  private boolean isNewer(Fate fate) {
    return own.isCertain()
        || (fate.foreign != null && fate.foreign.timestampMillis() > fate.ours.timestampMillis());
  }

  /** Whether the log did not hold all operations before the batch any more. */
  boolean hasGap() {
    return hasGap;
  }
}
