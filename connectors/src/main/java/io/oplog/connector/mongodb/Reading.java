package io.oplog.connector.mongodb;

import io.oplog.connector.document.Namespace;

/** By which of its ways the changes of a deployment are read. All tell the same. */
public sealed interface Reading {

  /** Its change stream. */
  record Changes() implements Reading {}

  /**
   * The log by which a replica set copies its data, followed as it grows: no events need to be made
   * of it, and its form is not documented.
   *
   * @param entries the collection that holds it
   */
  record Log(Namespace entries) implements Reading {
    /** Where {@code mongod} has it. */
    public Log() {
      this(new Namespace("local", "oplog.rs"));
    }
  }
}
