package io.oplog.client.sync;

import io.oplog.protocol.Operation;
import java.util.List;

/**
 * A batch of ours in the log.
 *
 * @param operations what it has
 * @param first the sequence of its first operation
 * @param isCertain whether it cannot be one of somebody else that reads the same
 */
record OwnBatch(List<Operation> operations, long first, boolean isCertain) {
  long last() {
    return first + operations.size() - 1;
  }

  boolean holds(long sequence) {
    return first <= sequence && sequence <= last();
  }
}
