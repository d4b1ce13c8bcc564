package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A body that comes in pieces. What it holds is taken from the budget: the first piece as much as
 * it needs, the second all that was announced. So of many bodies that come at once and do not fit
 * together some come to their end, and the others are turned away early, rather than all of them
 * halfway. Confined to its connection's event loop.
 */
final class Body {
  private static final int FIRST_BYTES = 8 << 10;
  private static final byte[] EMPTY = {};

  private final ByteBudget budget;
  private final int announced;
  private final int most;
  private byte[] bytes = EMPTY;
  private int length;

  /**
   * @param announced how long the body will be; 0 when that is not known
   * @param most how long it may be
   */
  Body(ByteBudget budget, int announced, int most) {
    this.budget = budget;
    this.announced = announced;
    this.most = most;
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
    if (!hasRoom(size)) {
      return false;
    }
    piece.readBytes(bytes, length, size);
    length += size;
    return true;
  }

  /** As the other, of the beginning of an array. */
  boolean add(byte[] piece, int size) {
    if (!hasRoom(size)) {
      return false;
    }
    System.arraycopy(piece, 0, bytes, length, size);
    length += size;
    return true;
  }

  private boolean hasRoom(int size) {
    return length + size <= bytes.length || grow(length + size);
  }

  private boolean grow(int needed) {
    int capacity = Math.max(bytes.length == 0 ? Math.min(FIRST_BYTES, most) : rest(), needed);
    if (!budget.reserve(capacity)) {
      return false;
    }
    int before = bytes.length; // held until it was copied
    bytes = Arrays.copyOf(bytes, capacity);
    budget.release(before);
    return true;
  }

  private int rest() {
    return announced == 0 ? Math.min(bytes.length * 2, most) : announced;
  }

  /** Gives back what was taken. Idempotent. */
  void release() {
    budget.release(bytes.length);
    bytes = EMPTY;
    length = 0;
  }
}
