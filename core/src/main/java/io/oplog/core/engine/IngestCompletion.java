package io.oplog.core.engine;

import io.oplog.core.store.Outcome;
import io.oplog.core.store.StoreException;

/**
 * Hears what became of a submission. Called exactly once, on the writer thread: it hands over to
 * its own thread and returns.
 */
public interface IngestCompletion {

  void completed(Outcome outcome);

  /** Nothing was acknowledged; whether it is in the log is not known. */
  void failed(StoreException cause);

  /**
   * Whether somebody waits to hear, and can try again. Else the submission is kept while the store
   * is unavailable, and tried until it is stored.
   */
  default boolean isAwaited() {
    return true;
  }
}
