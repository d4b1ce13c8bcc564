package io.oplog.client.sync;

import io.oplog.client.sync.SyncProgress.Phase;
import io.oplog.client.sync.sort.Entry;
import io.oplog.client.sync.sort.ExternalSort;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.util.Set;

/** Takes a log's states for sorting. */
final class Replication implements SyncLog.Changes {
  private final ExternalSort sort;
  private final Set<String> types;
  private final SyncProgress progress;
  private long count;

  /**
   * Nothing heard yet.
   *
   * @param types leave out others; empty for none
   */
  Replication(ExternalSort sort, Set<String> types, SyncProgress progress) {
    this.sort = sort;
    this.types = types;
    this.progress = progress;
  }

  @Override
  public void changed(EventId id, Operation state) throws IOException {
    if (types.isEmpty() || types.contains(state.type())) {
      sort.add(new Entry(state, id.sequence()));
      progress.reached(Phase.REPLICATING, ++count, 0);
    }
  }

  @Override
  public void restart() throws IOException {
    sort.clear();
    count = 0;
    progress.reached(Phase.REPLICATING, 0, 0);
  }

  /** How many states were taken. */
  long count() {
    return count;
  }
}
