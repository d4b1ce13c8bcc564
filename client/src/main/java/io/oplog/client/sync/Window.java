package io.oplog.client.sync;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.util.List;

/**
 * Where a batch is to be found in the log: somewhere after a position, so many operations one after
 * the other. What others did to its objects between that position and the batch was overwritten,
 * and is to be sent again.
 *
 * @param after the position up to which the batch knew the log
 * @param count how many operations it has
 * @param hash of all of them in their order
 */
record Window(EventId after, int count, long hash) {

  static Window of(EventId after, List<Operation> batch) {
    RollingHash hash = new RollingHash(batch.size());
    batch.forEach(hash::add);
    return new Window(after, batch.size(), hash.value());
  }
}
