package io.oplog.connector.mongodb;

import io.oplog.connector.document.Namespace;

/**
 * How much of a deployment a change stream is opened on. What of it is wanted is another matter,
 * and told by a filter.
 */
public sealed interface Watch {

  /** All of it. The only one that nothing ends. */
  record Cluster() implements Watch {}

  /** A database: for users who may see no more. Ends when it is dropped. */
  record Database(String name) implements Watch {}

  /** A collection: likewise. Ends when it is dropped or renamed. */
  record Collection(Namespace namespace) implements Watch {}
}
