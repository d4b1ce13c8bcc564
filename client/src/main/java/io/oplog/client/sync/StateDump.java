package io.oplog.client.sync;

import io.oplog.client.sync.SyncProgress.Phase;
import io.oplog.client.sync.sort.Entry;
import io.oplog.client.sync.sort.ExternalSort;
import io.oplog.client.sync.sort.ObjectCursor;
import io.oplog.client.sync.sort.ObjectCursor.Repeated;
import io.oplog.client.sync.sort.Scratch;
import io.oplog.protocol.EventId;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.OperationLines;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;

/**
 * Writes the objects that a log says exist, each once, sorted by type and id: a dump as {@link
 * Sync} reads it. Thread-confined, for one run.
 */
public final class StateDump {
  private final SyncLog log;
  private final SyncProgress progress;
  private final Scratch scratch;

  public StateDump(SyncLog log, SyncProgress progress, Scratch scratch) {
    this.log = log;
    this.progress = progress;
    this.scratch = scratch;
  }

  /**
   * What was written.
   *
   * @param objects how many lines
   * @param position what they stand for: whoever follows the log from here misses nothing
   */
  public record Written(long objects, EventId position) {}

  /**
   * Writes.
   *
   * @param types only these, in lower case; empty for all
   */
  public Written write(Set<String> types, OutputStream out)
      throws IOException, InterruptedException {
    ExternalSort states = new ExternalSort(scratch);
    Replication replication = new Replication(states, types, progress);
    EventId position = log.states(types, replication);
    states.complete();
    return new Written(write(states, replication.count(), out), position);
  }

  private long write(ExternalSort states, long entries, OutputStream out) throws IOException {
    OperationLines line = new OperationLines();
    long objects = 0;
    try (ObjectCursor cursor = states.objects(Repeated.ALLOWED)) {
      for (Entry state = cursor.next(); state != null; state = cursor.next()) {
        if (state.operation().kind() != OperationKind.DELETE) {
          line.clear();
          line.addState(state.operation());
          out.write(line.bytes(), 0, line.length());
          objects++;
        }
        progress.reached(Phase.WRITING, objects, objects + entries - cursor.passed());
      }
    }
    return objects;
  }
}
