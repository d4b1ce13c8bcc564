package io.oplog.client.sync.sort;

import io.oplog.protocol.Operation;

/**
 * The state of an object, as a dump or the log says it.
 *
 * @param operation the state; a delete is a tombstone
 * @param order tells entries of one object apart: the line of a dump, the sequence in the log
 */
public record Entry(Operation operation, long order) {

  /** Type and id, as people write them. */
  public static String name(Operation operation) {
    return operation.type() + "/" + operation.id();
  }
}
