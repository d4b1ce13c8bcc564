package io.oplog.server.crash;

import java.util.Arrays;

/** A list of numbers that grows. One thread writes, any thread reads what was there before. */
final class Longs {
  private long[] values = new long[1024];
  private int size;

  synchronized void add(long value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  synchronized long get(int index) {
    return values[index];
  }

  synchronized int size() {
    return size;
  }
}
