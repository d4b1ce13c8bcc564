package io.oplog.core.engine;

/** Why operations that were well formed did not get into the log. */
public enum DiscardCause {
  /** The ingest queue was full and the producer could not be told to wait (UDP). */
  QUEUE_FULL,
  /** The store could not take them. */
  STORE_DOWN,
  /** The server was stopping. */
  STOPPING
}
