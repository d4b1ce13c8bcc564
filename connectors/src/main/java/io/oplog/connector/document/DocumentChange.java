package io.oplog.connector.document;

import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Something that a database tells of its documents. */
public sealed interface DocumentChange {

  Namespace namespace();

  ChangeTime time();

  /** When it happened, in milliseconds since the epoch, as far as the database tells. */
  long millis();

  /** What became of a document. */
  enum Kind {
    INSERT,
    UPDATE,
    /** The document is another one under the same id. */
    REPLACE,
    DELETE
  }

  /**
   * A document changed.
   *
   * @param id its {@code _id}
   * @param fields of an update the changed fields, as paths with dots; empty for the other kinds
   * @param document as it is after the change, or later; the fields that are wanted at least. Null
   *     where none are wanted, or it is no more
   * @param before as it was; null where the database did not keep it
   */
  record Document(
      Kind kind,
      Namespace namespace,
      BsonValue id,
      List<String> fields,
      @Nullable BsonDocument document,
      @Nullable BsonDocument before,
      ChangeTime time,
      long millis)
      implements DocumentChange {

    public Document {
      fields = List.copyOf(fields);
    }
  }

  /**
   * All documents of a collection are gone, or are under another name: it was dropped, renamed, or
   * renamed to; of a whole database where the namespace has no collection.
   */
  record Gone(Namespace namespace, ChangeTime time, long millis) implements DocumentChange {}
}
