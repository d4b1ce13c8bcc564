package io.oplog.client.sync;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import java.util.Arrays;

/** A hash of the last operations of a row. Thread-confined. */
final class RollingHash {
  private static final long FACTOR = 0x9e3779b97f4a7c15L;

  private final OperationLines lines = new OperationLines();
  private final long[] last;
  private final long leaving;
  private long added;
  private long value;

  /**
   * Of nothing yet.
   *
   * @param length how many operations count
   */
  RollingHash(int length) {
    last = new long[length];
    leaving = power(length);
  }

  private static long power(int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= FACTOR;
    }
    return power;
  }

  void add(Operation operation) {
    lines.clear();
    lines.addOperation(operation);
    long hash = Hash64.of(lines.bytes(), 0, lines.length());
    int at = (int) (added % last.length);
    value = value * FACTOR + hash - last[at] * leaving;
    last[at] = hash;
    added++;
  }

  /** Starts anew. */
  void clear() {
    Arrays.fill(last, 0);
    added = 0;
    value = 0;
  }

  /** Whether there were as many operations as count. */
  boolean isFull() {
    return added >= last.length;
  }

  long value() {
    return value;
  }
}
