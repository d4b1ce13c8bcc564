package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import io.oplog.protocol.FrameFields;
import io.oplog.protocol.FrameKey;
import io.oplog.protocol.OperationKind;
import java.util.HashMap;
import java.util.Map;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Folds a run of operations into one write. Several operations of one object become one, but every
 * one of them is looked at for the parents that it no longer names.
 */
final class FoldBatch {
  private static final int EXPECTED_RECORD = 512;

  private final Map<FrameKey, Tracked> objects = new HashMap<>();
  private final FrameFields fields = new FrameFields();
  private final FrameKey probe = FrameKey.probe();
  private final BatchBytes out = new BatchBytes(1 << 20);
  private byte[] key = new byte[256];
  private byte[] stored = new byte[EXPECTED_RECORD];
  private long sequence;
  private long millis;
  private int count;
  private int bytes;

  /** An object within the batch: what the store has of it, and its newest operation. */
  private static final class Tracked {
    final byte[] key;
    final ObjectRecord stored;
    byte[] parents;
    LogBlock block;
    int index;
    OperationKind kind = OperationKind.UPDATE;

    Tracked(byte[] key, ObjectRecord stored, LogBlock block) {
      this.key = key;
      this.stored = stored;
      this.parents = stored.parents();
      this.block = block;
    }
  }

  int count() {
    return count;
  }

  int bytes() {
    return bytes;
  }

  /** The last operation that was folded. */
  long sequence() {
    return sequence;
  }

  long millis() {
    return millis;
  }

  void clear() {
    objects.clear();
    out.clear();
    count = 0;
    bytes = 0;
  }

  void fold(Database.View view, ReadOptions options, LogBlock block, int index)
      throws RocksDBException, StoreException {
    int start = block.start(index);
    fields.reset(block.bytes(), start, block.ends()[index]);
    sequence = block.first() + index;
    millis = block.commitMillis();
    Tracked object = tracked(view, options, block);
    byte[] parents = ParentList.of(fields);
    byte[] left = ParentList.left(object.parents, parents);
    if (left.length > 0) {
      LeftRecord.put(out, sequence, millis, object.key, left);
    }
    object.parents = parents;
    object.block = block;
    object.index = index;
    object.kind = fields.kind();
    count++;
    bytes += block.ends()[index] - start;
  }

  private Tracked tracked(Database.View view, ReadOptions options, LogBlock block)
      throws RocksDBException {
    int length = fields.objectKeyLength();
    if (length > key.length) {
      key = new byte[2 * length];
    }
    fields.putObjectKey(key, 0);
    Tracked known = objects.get(probe.reset(key, 0, length));
    return known != null ? known : track(view, options, block, length);
  }

  private Tracked track(Database.View view, ReadOptions options, LogBlock block, int length)
      throws RocksDBException {
    byte[] own = java.util.Arrays.copyOf(key, length);
    Tracked made = new Tracked(own, load(view, options, own), block);
    objects.put(FrameKey.probe().reset(own, 0, length), made);
    return made;
  }

  private ObjectRecord load(Database.View view, ReadOptions options, byte[] own)
      throws RocksDBException {
    int found =
        view.db()
            .get(view.of(Family.OBJECTS), options, own, 0, own.length, stored, 0, stored.length);
    if (found == RocksDB.NOT_FOUND) {
      return ObjectRecord.NONE;
    }
    if (found > stored.length) {
      stored = new byte[2 * found];
      return load(view, options, own);
    }
    return ObjectRecord.parse(stored, found);
  }

  /** What is to be written, the new fold position included. */
  BatchBytes finish() {
    objects.values().forEach(this::finish);
    States.putFold(out, sequence, millis);
    return out;
  }

  private void finish(Tracked object) {
    long before = object.stored.sequence();
    if (before > 0) {
      out.deleteSingle(Family.STATES, before);
    }
    if (object.stored.deleted()) {
      out.deleteSingle(Family.DELETES, before);
    }
    LogBlock block = object.block;
    long position = block.first() + object.index;
    long committed = block.commitMillis();
    StateRecord.put(
        out,
        position,
        block.bytes(),
        block.start(object.index),
        block.ends()[object.index],
        committed);
    ObjectRecord.put(out, object.key, position, object.kind, object.parents);
    if (object.kind == OperationKind.DELETE) {
      Bytes.putLong(out.bytes(), out.startPut(Family.DELETES, position, 8), committed);
    }
  }
}
