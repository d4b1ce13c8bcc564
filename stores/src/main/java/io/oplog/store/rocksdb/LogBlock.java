package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import io.oplog.protocol.Frames;
import java.util.zip.CRC32C;

/**
 * A run of operations of one batch: the unit in which the log is stored, read and trimmed.
 *
 * <pre>
 * crc32c of all that follows (4) | version (1) | first sequence (8) | commit time in ms (8)
 * | bytes of frames in the log before this block, trimmed ones included (8) | count (4)
 * | length of each frame (varint) | frames
 * </pre>
 *
 * @param bytes the block as stored
 * @param ends for each frame the offset in {@code bytes} just after it
 * @param framesFrom where the first frame starts
 */
@SuppressWarnings("ArrayRecordComponent") // a view of the stored bytes, never compared
record LogBlock(byte[] bytes, int[] ends, int framesFrom) {
  static final int MAX_FRAMES = 512;
  static final int MAX_BYTES = 64 * 1024;

  private static final byte VERSION = 1;
  private static final int FIRST = 5;
  private static final int MILLIS = 13;
  private static final int BEFORE = 21;
  private static final int COUNT = 29;
  private static final int LENGTHS = 33;

  long first() {
    return Bytes.getLong(bytes, FIRST);
  }

  long last() {
    return first() + count() - 1;
  }

  long commitMillis() {
    return Bytes.getLong(bytes, MILLIS);
  }

  /** Bytes of all frames that were ever written before this block. */
  long bytesBefore() {
    return Bytes.getLong(bytes, BEFORE);
  }

  /** Bytes of all frames that were ever written up to the end of this block. */
  long bytesThrough() {
    return bytesBefore() + bytes.length - framesFrom;
  }

  int count() {
    return ends.length;
  }

  int start(int index) {
    return index == 0 ? framesFrom : ends[index - 1];
  }

  /** How many of the frames from {@code from} on fit one block; at least one. */
  static int fitting(Frames frames, int from) {
    int start = frames.start(from);
    int to = from + 1;
    int most = Math.min(frames.count(), from + MAX_FRAMES);
    while (to < most && frames.ends()[to] - start <= MAX_BYTES) {
      to++;
    }
    return to - from;
  }

  /** How many bytes a block of the frames {@code from} to {@code to} has. */
  static int length(Frames frames, int from, int to) {
    int lengths = 0;
    for (int i = from; i < to; i++) {
      lengths += BatchBytes.varintLength(frames.ends()[i] - frames.start(i));
    }
    return LENGTHS + lengths + frames.ends()[to - 1] - frames.start(from);
  }

  /** Adds a block of the frames {@code from} to {@code to} to a batch. */
  static void put(
      BatchBytes batch, Frames frames, int from, int to, long first, long millis, long before) {
    int length = length(frames, from, to);
    int frameBytes = frames.ends()[to - 1] - frames.start(from);
    int at = batch.startPut(Family.LOG, first, length);
    byte[] out = batch.bytes();
    out[at + 4] = VERSION;
    Bytes.putLong(out, at + FIRST, first);
    Bytes.putLong(out, at + MILLIS, millis);
    Bytes.putLong(out, at + BEFORE, before);
    Bytes.putInt(out, at + COUNT, to - from);
    int offset = putLengths(out, at + LENGTHS, frames, from, to);
    System.arraycopy(frames.bytes(), frames.start(from), out, offset, frameBytes);
    Bytes.putInt(out, at, checksum(out, at + 4, length - 4));
  }

  private static int putLengths(byte[] out, int at, Frames frames, int from, int to) {
    int offset = at;
    for (int i = from; i < to; i++) {
      int rest = frames.ends()[i] - frames.start(i);
      while (rest >= 0x80) {
        out[offset++] = (byte) (rest | 0x80);
        rest >>>= 7;
      }
      out[offset++] = (byte) rest;
    }
    return offset;
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /** Reads a stored block, every bit of which is held against its checksum. */
  static LogBlock parse(long key, byte[] bytes) throws StoreException.Damaged {
    if (bytes.length < LENGTHS
        || Bytes.getInt(bytes, 0) != checksum(bytes, 4, bytes.length - 4)
        || Bytes.getLong(bytes, FIRST) != key) {
      throw Damage.of("the block of the log at sequence " + key + " is not what was written");
    }
    if (bytes[4] != VERSION) {
      throw Damage.of("the log has blocks of version " + bytes[4] + ", this server knows 1");
    }
    int[] ends = new int[Bytes.getInt(bytes, COUNT)];
    int offset = readLengths(bytes, ends);
    for (int i = 0; i < ends.length; i++) {
      ends[i] += i == 0 ? offset : ends[i - 1];
    }
    return new LogBlock(bytes, ends, offset);
  }

  private static int readLengths(byte[] bytes, int[] lengths) {
    int offset = LENGTHS;
    for (int i = 0; i < lengths.length; i++) {
      int value = 0;
      int shift = 0;
      int next;
      do {
        next = bytes[offset++];
        value |= (next & 0x7f) << shift;
        shift += 7;
      } while (next < 0);
      lengths[i] = value;
    }
    return offset;
  }
}
