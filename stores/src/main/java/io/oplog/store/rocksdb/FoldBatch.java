package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import io.oplog.protocol.FrameFields;
import io.oplog.protocol.FrameKey;
import io.oplog.protocol.OperationKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
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
  private static final Comparator<Tracked> BY_POSITION =
      Comparator.comparingLong(Tracked::position);
  private static final Comparator<Tracked> BY_KEY = (a, b) -> Arrays.compareUnsigned(a.key, b.key);

  private final Map<FrameKey, Tracked> objects = new HashMap<>();
  private final List<Tracked> order = new ArrayList<>();
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

    long position() {
      return block.first() + index;
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
    order.clear();
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

  /** Leaves an operation out: there are no states. */
  void pass(LogBlock block, int index) {
    sequence = block.first() + index;
    millis = block.commitMillis();
    count++;
    bytes += block.ends()[index] - block.start(index);
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
    byte[] own = Arrays.copyOf(key, length);
    Tracked made = new Tracked(own, load(view, options, own), block);
    objects.put(FrameKey.probe().reset(own, 0, length), made);
    order.add(made);
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

  /**
   * What is to be written, the new fold position included. Each family's records are in the order
   * of its keys: in memory they go into skip lists, where a neighbour of the last one is found at
   * half the cost.
   */
  BatchBytes finish() {
    order.sort(BY_POSITION);
    order.forEach(this::putState);
    order.sort(BY_KEY);
    order.forEach(this::putObject);
    States.putFold(out, sequence, millis);
    return out;
  }

  private void putState(Tracked object) {
    long before = object.stored.sequence();
    if (before > 0) {
      out.deleteSingle(Family.STATES, before);
    }
    if (object.stored.deleted()) {
      out.deleteSingle(Family.DELETES, before);
    }
    LogBlock block = object.block;
    int start = block.start(object.index);
    int end = block.ends()[object.index];
    StateRecord.put(out, object.position(), block.bytes(), start, end, block.commitMillis());
    if (object.kind == OperationKind.DELETE) {
      int at = out.startPut(Family.DELETES, object.position(), Long.BYTES);
      Bytes.putLong(out.bytes(), at, block.commitMillis());
    }
  }

  private void putObject(Tracked object) {
    ObjectRecord.put(out, object.key, object.position(), object.kind, object.parents);
  }
}
