package io.oplog.server.http;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that all connections together may hold for one purpose. Any thread. */
final class ByteBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  ByteBudget(long limit) {
    this.limit = limit;
  }

  /** Takes bytes from the budget; false, taking nothing, when there are not so many left. */
  boolean reserve(long bytes) {
    if (used.addAndGet(bytes) <= limit) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  /** Changes what is held from one number of bytes to another; false, changing nothing. */
  boolean moved(long before, long now) {
    if (now > before) {
      return reserve(now - before);
    }
    if (now < before) {
      release(before - now);
    }
    return true;
  }

  void release(long bytes) {
    used.addAndGet(-bytes);
  }
}
