package io.oplog.store.mongodb;

import java.util.List;
import org.bson.Document;

/** That an object left parents, under the sequence of the operation that no longer named them. */
final class LeftDocument {
  static final String SEQUENCE = "_id";
  static final String MILLIS = "millis";
  static final String OBJECT = "object";
  static final String TYPE = "type";
  static final String PARENTS = "parents";

  private LeftDocument() {}

  static Document of(long sequence, long millis, String object, String type, List<String> parents) {
    return new Document(SEQUENCE, sequence)
        .append(MILLIS, millis)
        .append(OBJECT, object)
        .append(TYPE, type)
        .append(PARENTS, parents);
  }
}
