package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.util.concurrent.TimeUnit;

/** Why nothing can be appended, and when that is to be tried again. */
record Outage(StoreException cause, long dueMillis) {
  private static final long RETRY_MILLIS = TimeUnit.SECONDS.toMillis(1);

  static Outage since(StoreException cause, long nowMillis) {
    return new Outage(cause, nowMillis + RETRY_MILLIS);
  }

  Outage later(long nowMillis) {
    return since(cause, nowMillis);
  }

  void requireDue(long nowMillis) throws StoreException {
    if (nowMillis < dueMillis) {
      throw again(cause);
    }
  }

  /** The same for another caller, whose stack it then shows. */
  static StoreException again(StoreException cause) {
    return cause instanceof StoreException.Damaged
        ? new StoreException.Damaged(cause.getMessage(), cause)
        : new StoreException.Unavailable(cause.getMessage(), cause);
  }
}
