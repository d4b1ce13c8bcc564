package io.oplog.store.rocksdb;

import io.oplog.core.store.AgeGuard;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.Bounds.Floor;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreClock;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.FrameFields;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Drops what retention no longer keeps: whole blocks of the log, oldest first, never past the
 * durable fold position nor the newest block; then tombstones and left parents whose operations
 * left the log. Confined to one thread.
 */
final class Retainer {
  private static final int MOST_DROPPED = 2000;
  private static final int MOST_ROUNDS = 50;

  private final OperationLog log;
  private final States states;
  private final Folder folder;
  private final LiveBounds bounds;
  private final Retention retention;
  private final StoreClock clock;
  private final AgeGuard ages;
  private volatile long keptAfter = Long.MAX_VALUE;

  Retainer(
      OperationLog log, States states, Folder folder, LiveBounds bounds, RocksOptions options) {
    this.log = log;
    this.states = states;
    this.folder = folder;
    this.bounds = bounds;
    this.retention = options.retention();
    this.clock = options.clock();
    this.ages = new AgeGuard(options.clock());
  }

  /** Keeps the operations after a sequence. */
  void keepAfter(long sequence) {
    keptAfter = sequence;
  }

  void enforce() throws StoreException {
    boolean byAge = ages.mayDrop();
    long now = clock.wallMillis();
    trimLog(byAge ? now - retention.logAge().toMillis() : Long.MIN_VALUE);
    if (byAge) {
      dropDeletes(now - retention.deletesAge().toMillis());
    }
  }

  private void trimLog(long cutoffMillis) throws StoreException {
    LogBlock last = log.use(view -> lastDroppable(view, cutoffMillis));
    if (last == null) {
      return;
    }
    if (last.last() > states.durableFold()) {
      states.flush();
    }
    if (last.last() <= states.durableFold()) {
      log.trim(new OperationLog.Trim(last.last() + 1, last.bytesThrough(), last.commitMillis()));
    }
  }

  /** The newest block that may go: time and size both rise along the log, so it is bisected. */
  private @Nullable LogBlock lastDroppable(Database.View view, long cutoffMillis)
      throws RocksDBException, StoreException {
    Bounds now = bounds.now();
    LogBlock found = null;
    long most = Math.min(keptAfter, Math.min(now.folded(), now.head() - 1));
    long low = now.first();
    long high = most;
    while (low <= high) {
      LogBlock block = OperationLog.requireBlock(view, (low + high) >>> 1);
      if (block.last() <= most && isDroppable(block, cutoffMillis)) {
        found = block;
        low = block.last() + 1;
      } else {
        high = block.first() - 1;
      }
    }
    return found;
  }

  private boolean isDroppable(LogBlock block, long cutoffMillis) {
    return block.commitMillis() < cutoffMillis
        || bounds.bytesThroughHead() - block.bytesBefore() > retention.logBytes();
  }

  private void dropDeletes(long cutoffMillis) throws StoreException {
    boolean more = true;
    for (int round = 0; more && round < MOST_ROUNDS; round++) {
      DropBatch batch = new DropBatch(bounds.now().first(), cutoffMillis);
      folder.exclusively(() -> drop(batch));
      more = batch.count == MOST_DROPPED;
    }
  }

  /** The floor rises in the same write, and before anyone can see that something is gone. */
  private void drop(DropBatch batch) throws StoreException {
    states.use(view -> {
      batch.collect(view);
      return true;
    });
    if (batch.count > 0) {
      Floor floor = batch.floor(bounds.now().floor());
      States.putFloor(batch.out, floor);
      states.write(batch.out);
      bounds.floor(floor);
    }
  }

  /** The oldest tombstones and left parents, in the order of their positions. */
  private static final class DropBatch {
    private final BatchBytes out = new BatchBytes(64 * 1024);
    private final FrameFields fields = new FrameFields();
    private final long logFirst;
    private final long cutoffMillis;
    private long newest;
    private long newestMillis;
    private int count;

    DropBatch(long logFirst, long cutoffMillis) {
      this.logFirst = logFirst;
      this.cutoffMillis = cutoffMillis;
    }

    void collect(Database.View view) throws RocksDBException, StoreException {
      try (SnapshotRead snapshot = new SnapshotRead(view);
          PositionCursor deletes = new PositionCursor(view, snapshot.options(), Family.DELETES);
          PositionCursor left = new PositionCursor(view, snapshot.options(), Family.LEFT)) {
        deletes.seek(0);
        left.seek(0);
        while (count < MOST_DROPPED
            && mayDrop(deletes.position() < left.position() ? deletes : left)) {
          dropOldest(view, deletes, left);
        }
      }
    }

    private boolean mayDrop(PositionCursor cursor) {
      return cursor.position() < logFirst && Bytes.getLong(cursor.value(), 0) < cutoffMillis;
    }

    private void dropOldest(Database.View view, PositionCursor deletes, PositionCursor left)
        throws RocksDBException, StoreException {
      PositionCursor oldest = deletes.position() < left.position() ? deletes : left;
      newest = oldest.position();
      newestMillis = Bytes.getLong(oldest.value(), 0);
      count++;
      if (deletes.position() == newest) {
        dropTombstone(view);
        deletes.next();
      }
      if (left.position() == newest) {
        out.deleteSingle(Family.LEFT, newest);
        left.next();
      }
    }

    private void dropTombstone(Database.View view) throws RocksDBException, StoreException {
      byte[] state = view.get(Family.STATES, Bytes.key(newest));
      if (state == null) {
        throw Damage.of("the states lack the tombstone at sequence " + newest);
      }
      byte[] object = fields.reset(state, 0, state.length).objectKey();
      out.deleteSingle(Family.DELETES, newest);
      out.deleteSingle(Family.STATES, newest);
      out.delete(Family.OBJECTS, object, 0, object.length);
    }

    Floor floor(Floor before) {
      return newest > before.sequence() ? new Floor(newest, newestMillis / 1000) : before;
    }
  }
}
