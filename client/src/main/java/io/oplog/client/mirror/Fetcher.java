package io.oplog.client.mirror;

import io.oplog.protocol.Operation;
import java.util.Optional;

/**
 * Gets objects from their source, which stays their gatekeeper. Called by several threads at once.
 *
 * @param <T> an object
 */
@FunctionalInterface
public interface Fetcher<T> {
  /**
   * The object that an operation is about, as it is now or was after the operation. It has a time
   * limit of its own: the mirror waits for it until it is closed, which interrupts it.
   *
   * @return empty when it is no more
   * @throws Exception when it cannot be had now; it is tried again
   */
  Optional<T> fetch(Operation operation) throws Exception;
}
