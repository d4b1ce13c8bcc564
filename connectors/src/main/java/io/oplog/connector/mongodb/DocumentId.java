package io.oplog.connector.mongodb;

import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.ByteBuf;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * The id in the key of a document. The key may be a part of something much larger, as an event with
 * the whole document, which must not stay in memory for as long as its id.
 */
final class DocumentId {
  private static final String NAME = "_id";

  private DocumentId() {}

  /** Null where there is none. */
  static @Nullable BsonValue in(BsonDocument key) {
    BsonValue id = key.get(NAME);
    return id instanceof RawBsonDocument part ? own(part) : id;
  }

  private static RawBsonDocument own(RawBsonDocument part) {
    ByteBuf bytes = part.getByteBuffer();
    byte[] own = new byte[bytes.remaining()];
    bytes.get(own);
    return new RawBsonDocument(own);
  }
}
