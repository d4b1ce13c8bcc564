package io.oplog.store.mongodb;

import io.oplog.protocol.FrameFields;
import io.oplog.protocol.OperationKind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bson.Document;
import org.bson.types.Binary;

/** An object's last operation, as it is stored under the object's key. */
final class StateDocument {
  static final String SEQUENCE = "sequence";
  static final String MILLIS = "millis";
  static final String TYPE = "type";
  static final String PARENTS = "parents";
  static final String DELETED = "deleted";
  static final String FRAME = "frame";

  private StateDocument() {}

  /** The key: type and id as they stand in frames, which keeps all texts apart. */
  static String key(FrameFields fields) {
    return new String(fields.objectKey(), StandardCharsets.UTF_8);
  }

  static Document of(
      String key,
      long sequence,
      long millis,
      FrameFields fields,
      List<String> parents,
      byte[] frame) {
    return new Document("_id", key)
        .append(SEQUENCE, sequence)
        .append(MILLIS, millis)
        .append(TYPE, fields.type())
        .append(PARENTS, parents)
        .append(DELETED, fields.kind() == OperationKind.DELETE)
        .append(FRAME, new Binary(frame));
  }

  static byte[] frame(Document stored) {
    return stored.get(FRAME, Binary.class).getData();
  }
}
