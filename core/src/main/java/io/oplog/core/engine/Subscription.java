package io.oplog.core.engine;

/** One consumer's filter and cursor. Owned by one event loop: called on that thread alone. */
public interface Subscription {

  /** The connection has room again. */
  void writable();

  /** The connection is gone, or the consumer wants no more. Idempotent. */
  void cancel();
}
