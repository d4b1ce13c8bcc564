package io.oplog.core.engine;

import io.oplog.core.store.LogBatch;
import io.oplog.protocol.Frames;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Consecutive frames gathered from the tail into one direct buffer, to be sent to many. Reused;
 * confined to one event loop.
 */
final class Round {
  static final int CAPACITY = 256 << 10;

  private byte[] heap = new byte[CAPACITY];
  private ByteBuffer direct = ByteBuffer.allocateDirect(CAPACITY);
  private int[] ends = new int[1024];
  private int count;
  private int length;
  private long first;

  /**
   * Takes the frames after one sequence and up to another, as many as fit, but at least one if
   * there is one.
   */
  void fill(List<LogBatch> batches, long after, long upTo) {
    count = 0;
    length = 0;
    first = after + 1;
    for (LogBatch batch : batches) {
      if (!take(batch, upTo)) {
        break;
      }
    }
    direct.clear().put(heap, 0, length);
  }

  /** Whether the whole batch went in. */
  private boolean take(LogBatch batch, long upTo) {
    Frames frames = batch.frames();
    int from = (int) Math.max(0, last() + 1 - batch.first());
    int limit = (int) Math.min(frames.count(), upTo + 1 - batch.first());
    int to = from;
    int base = from < limit ? frames.start(from) : 0;
    while (to < limit && fits(frames.ends()[to] - base)) {
      add(length + frames.ends()[to] - base);
      to++;
    }
    copy(frames, base, to);
    return to == frames.count();
  }

  private boolean fits(int more) {
    return length + more <= CAPACITY || count == 0;
  }

  private void add(int end) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count * 2);
    }
    ends[count++] = end;
  }

  private void copy(Frames frames, int base, int to) {
    int bytes = (to == 0 ? base : frames.ends()[to - 1]) - base;
    if (bytes <= 0) {
      return;
    }
    ensure(length + bytes);
    System.arraycopy(frames.bytes(), base, heap, length, bytes);
    length += bytes;
  }

  /** Only a single frame larger than the capacity makes the buffers grow. */
  private void ensure(int bytes) {
    if (bytes > heap.length) {
      heap = Arrays.copyOf(heap, bytes);
      direct = ByteBuffer.allocateDirect(bytes);
    }
  }

  int count() {
    return count;
  }

  int length() {
    return length;
  }

  byte[] heap() {
    return heap;
  }

  long sequence(int index) {
    return first + index;
  }

  long last() {
    return first + count - 1;
  }

  int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  int end(int index) {
    return ends[index];
  }

  /** The bytes of some of the frames, ready to be written; valid until the next call. */
  ByteBuffer slice(int from, int to) {
    return direct.limit(to).position(from);
  }

  /** The frame that byte {@code offset} belongs to; {@code count()} at the end. */
  int frameAt(int offset) {
    int found = Arrays.binarySearch(ends, 0, count, offset);
    return found >= 0 ? found + 1 : -found - 1;
  }
}
