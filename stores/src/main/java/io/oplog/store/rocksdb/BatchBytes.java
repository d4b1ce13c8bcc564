package io.oplog.store.rocksdb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.rocksdb.WriteBatch;

/**
 * Builds the bytes of a RocksDB write batch, so that a batch of ten thousand records costs one call
 * into native code and not one for each record. Reusable; confined to one thread.
 *
 * <p>The format is the one RocksDB writes into its log and documents in {@code write_batch.cc}:
 * sequence (8 bytes, little endian, set by RocksDB), count (4), then records of a tag, the column
 * family (varint) and length-prefixed key and value.
 */
final class BatchBytes {
  private static final VarHandle LITTLE_INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int HEADER = 12;
  private static final byte DELETION = 0x4;
  private static final byte VALUE = 0x5;
  private static final byte SINGLE_DELETION = 0x8;

  private byte[] bytes;
  private int length = HEADER;
  private int count;

  BatchBytes(int expected) {
    bytes = new byte[HEADER + expected];
  }

  /** How many bytes a record takes. */
  static int recordLength(int keyLength, int valueLength) {
    return 2 + varintLength(keyLength) + keyLength + varintLength(valueLength) + valueLength;
  }

  static int varintLength(int value) {
    return (38 - Integer.numberOfLeadingZeros(value | 1)) / 7;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Bytes so far. */
  int length() {
    return length;
  }

  void clear() {
    length = HEADER;
    count = 0;
  }

  void put(Family family, byte[] key, byte[] value) {
    int at = startPut(family, key, 0, key.length, value.length);
    System.arraycopy(value, 0, bytes, at, value.length);
  }

  void put(Family family, long key, byte[] value) {
    int at = startPut(family, key, value.length);
    System.arraycopy(value, 0, bytes, at, value.length);
  }

  /** Starts a record with a number as its key; the caller fills the value in {@link #bytes}. */
  int startPut(Family family, long key, int valueLength) {
    startRecord(VALUE, family, Long.BYTES, valueLength);
    putKey(key);
    return startValue(valueLength);
  }

  /** Starts a record; the caller fills the value in {@link #bytes} from the returned offset. */
  int startPut(Family family, byte[] key, int from, int keyLength, int valueLength) {
    startRecord(VALUE, family, keyLength, valueLength);
    putKey(key, from, keyLength);
    return startValue(valueLength);
  }

  void delete(Family family, byte[] key, int from, int keyLength) {
    startRecord(DELETION, family, keyLength, 0);
    putKey(key, from, keyLength);
  }

  /** For a key that was put once and never overwritten. */
  void deleteSingle(Family family, long key) {
    startRecord(SINGLE_DELETION, family, Long.BYTES, 0);
    putKey(key);
  }

  /** The array that values are filled into; changes with every record that is started. */
  byte[] bytes() {
    return bytes;
  }

  private void startRecord(byte tag, Family family, int keyLength, int valueLength) {
    ensure(recordLength(keyLength, valueLength));
    bytes[length++] = tag;
    bytes[length++] = (byte) family.number();
    count++;
  }

  private void putKey(long key) {
    putVarint(Long.BYTES);
    Bytes.putLong(bytes, length, key);
    length += Long.BYTES;
  }

  private void putKey(byte[] key, int from, int keyLength) {
    putVarint(keyLength);
    System.arraycopy(key, from, bytes, length, keyLength);
    length += keyLength;
  }

  private int startValue(int valueLength) {
    putVarint(valueLength);
    int at = length;
    length += valueLength;
    return at;
  }

  private void putVarint(int value) {
    int rest = value;
    while (rest >= 0x80) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private void ensure(int more) {
    long needed = (long) length + more;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, needed + needed / 2));
    }
  }

  /** The batch as RocksDB takes it; to be closed by the caller. */
  WriteBatch toWriteBatch() {
    LITTLE_INT.set(bytes, 8, count);
    return new WriteBatch(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
  }
}
