package io.oplog.client.sync.sort;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Entries in memory that are sorted and written as one run. Thread-confined. */
final class RunBuffer {
  private static final int INSERTION = 12;

  private static final int START_BYTES = 1 << 16;

  private final int maxBytes;
  private byte[] bytes;
  private int size;
  private int[] starts = new int[1024];
  private int count;

  /**
   * Empty.
   *
   * @param maxBytes what fits
   */
  RunBuffer(int maxBytes) {
    this.maxBytes = maxBytes;
    this.bytes = new byte[Math.min(START_BYTES, maxBytes)];
  }

  boolean isEmpty() {
    return count == 0;
  }

  int size() {
    return size;
  }

  /** Adds an entry; false when it does not fit any more. */
  boolean add(EntryBytes entry) {
    if (size + entry.size() > maxBytes) {
      return false;
    }
    if (size + entry.size() > bytes.length) {
      long grown = Math.max(2L * bytes.length, size + entry.size());
      bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, grown));
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
    }
    starts[count++] = size;
    System.arraycopy(entry.bytes(), 0, bytes, size, entry.size());
    size += entry.size();
    return true;
  }

  /** Writes all entries in order, and is empty then. */
  void drainTo(OutputStream out) throws IOException {
    sort(starts, starts.clone(), 0, count);
    for (int i = 0; i < count; i++) {
      int start = starts[i];
      out.write(bytes, start, EntryBytes.LENGTH_BYTES + EntryBytes.intAt(bytes, start));
    }
    clear();
  }

  void clear() {
    count = 0;
    size = 0;
  }

  /** Merges halves of {@code from}, which holds the same as {@code to}, into {@code to}. */
  private void sort(int[] to, int[] from, int begin, int end) {
    if (end - begin <= INSERTION) {
      insert(to, begin, end);
      return;
    }
    int middle = (begin + end) >>> 1;
    sort(from, to, begin, middle);
    sort(from, to, middle, end);
    int left = begin;
    int right = middle;
    for (int i = begin; i < end; i++) {
      boolean takeLeft = right >= end || (left < middle && compare(from[left], from[right]) <= 0);
      to[i] = takeLeft ? from[left++] : from[right++];
    }
  }

  private void insert(int[] list, int begin, int end) {
    for (int i = begin + 1; i < end; i++) {
      int moved = list[i];
      int at = i;
      while (at > begin && compare(list[at - 1], moved) > 0) {
        list[at] = list[at - 1];
        at--;
      }
      list[at] = moved;
    }
  }

  private int compare(int a, int b) {
    return EntryBytes.compare(bytes, a, bytes, b);
  }
}
