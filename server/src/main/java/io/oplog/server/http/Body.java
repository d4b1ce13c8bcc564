package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A body that comes in pieces. What it holds is taken from the budget, and grows with what has
 * really arrived, whatever length was announced. Confined to its connection's event loop.
 */
final class Body {
  private static final int FIRST_BYTES = 8 << 10;
  private static final byte[] EMPTY = {};

  private final ByteBudget budget;
  private byte[] bytes = EMPTY;
  private int length;

  Body(ByteBudget budget) {
    this.budget = budget;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Adds a piece; false, with nothing added, when the budget of all connections is used up. */
  boolean add(ByteBuf piece) {
    int size = piece.readableBytes();
    if (length + size > bytes.length && !grow(length + size)) {
      return false;
    }
    piece.readBytes(bytes, length, size);
    length += size;
    return true;
  }

  private boolean grow(int needed) {
    int capacity = Math.max(Math.max(FIRST_BYTES, bytes.length * 2), needed);
    if (!budget.reserve(capacity - bytes.length)) {
      return false;
    }
    bytes = Arrays.copyOf(bytes, capacity);
    return true;
  }

  /** Gives back what was taken. Idempotent. */
  void release() {
    budget.release(bytes.length);
    bytes = EMPTY;
    length = 0;
  }
}
