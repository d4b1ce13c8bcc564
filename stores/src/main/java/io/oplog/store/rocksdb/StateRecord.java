package io.oplog.store.rocksdb;

/**
 * An object's state: its frame as the log has it | commit time in ms (8). The time stands last, so
 * that a page takes the frame in place and the next frame overwrites the time.
 */
final class StateRecord {
  static final int MILLIS = Long.BYTES;

  private StateRecord() {}

  static void put(BatchBytes batch, long sequence, byte[] bytes, int start, int end, long millis) {
    int length = end - start;
    int at = batch.startPut(Family.STATES, sequence, length + MILLIS);
    System.arraycopy(bytes, start, batch.bytes(), at, length);
    Bytes.putLong(batch.bytes(), at + length, millis);
  }
}
