package io.oplog.store.rocksdb;

import io.oplog.protocol.OperationKind;
import java.util.Arrays;

/**
 * What is known of an object: sequence of its last operation (8) | whether that was a delete (1) |
 * {@link ParentList}. Its key is its raw type, a slash, and its raw id.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ObjectRecord(long sequence, boolean deleted, byte[] parents) {
  private static final int PARENTS = 9;

  /** An object that was never heard of. */
  static final ObjectRecord NONE = new ObjectRecord(0, false, ParentList.NONE);

  static ObjectRecord parse(byte[] bytes, int length) {
    return new ObjectRecord(
        Bytes.getLong(bytes, 0), bytes[8] != 0, Arrays.copyOfRange(bytes, PARENTS, length));
  }

  static void put(BatchBytes batch, byte[] key, long sequence, OperationKind kind, byte[] parents) {
    int at = batch.startPut(Family.OBJECTS, key, 0, key.length, PARENTS + parents.length);
    byte[] out = batch.bytes();
    Bytes.putLong(out, at, sequence);
    out[at + 8] = (byte) (kind == OperationKind.DELETE ? 1 : 0);
    System.arraycopy(parents, 0, out, at + PARENTS, parents.length);
  }
}
