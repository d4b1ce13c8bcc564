package io.oplog.connector.document;

import java.util.List;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Something that a database tells of its documents.
 *
 * <p>The positions of a source of them begin with the {@linkplain ChangeTime#toString text of the
 * time} of the last change before them, so they sort as the times do.
 */
public sealed interface DocumentChange {
  int BYTES = 400;
  int FIELD_BYTES = 80;

  Namespace namespace();

  /** Of several changes that are told as one the time of the newest. */
  ChangeTime time();

  /** Of several changes that are told as one the time of the oldest. */
  default ChangeTime since() {
    return time();
  }

  /** When it happened, in milliseconds since the epoch, as far as the database tells. */
  long millis();

  /** About so much memory it takes. */
  default int bytes() {
    return BYTES;
  }

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
      ChangeTime since,
      long millis)
      implements DocumentChange {

    /** A single change. */
    public Document(
        Kind kind,
        Namespace namespace,
        BsonValue id,
        List<String> fields,
        @Nullable BsonDocument document,
        @Nullable BsonDocument before,
        ChangeTime time,
        long millis) {
      this(kind, namespace, id, fields, document, before, time, time, millis);
    }

    public Document {
      fields = List.copyOf(fields);
    }

    @Override
    public int bytes() {
      int bytes = BYTES + bytes(id) + bytes(document) + bytes(before);
      for (String field : fields) {
        bytes += bytes(field);
      }
      return bytes;
    }

    private static int bytes(String name) {
      return FIELD_BYTES + name.length();
    }

    private static int bytes(@Nullable BsonValue value) {
      return switch (value) {
        case null -> 0;
        case RawBsonDocument raw -> raw.getByteBuffer().remaining();
        case BsonDocument document -> {
          int bytes = 0;
          for (String name : document.keySet()) {
            bytes += bytes(name);
          }
          yield bytes;
        }
        case BsonString text -> text.getValue().length();
        case BsonBinary binary -> binary.getData().length;
        default -> 0;
      };
    }
  }

  /**
   * All documents of a collection are gone, or are under another name: it was dropped, renamed, or
   * renamed to; of a whole database where the namespace has no collection.
   */
  record Gone(Namespace namespace, ChangeTime time, long millis) implements DocumentChange {}
}
