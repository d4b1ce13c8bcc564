package io.oplog.connector.document;

/**
 * A collection of a database.
 *
 * @param collection may have dots in it; empty for the database as a whole
 */
public record Namespace(String database, String collection) {

  /** As in {@code app.users}. */
  @Override
  public String toString() {
    return collection.isEmpty() ? database : database + "." + collection;
  }
}
