package io.oplog.core.store;

import io.oplog.protocol.Frames;

/**
 * Operations that were committed together, with their ids in place. Never empty.
 *
 * @param first sequence of the first one; the others follow without a hole
 * @param commitMillis when they were committed, milliseconds since the epoch
 * @param frames the operations
 */
public record LogBatch(long first, long commitMillis, Frames frames) {

  public long last() {
    return first + frames.count() - 1;
  }
}
