package io.oplog.connector.redis;

import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.Namespace;
import java.util.List;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Changes of documents of {@code app.users}. */
final class Changes {
  static final Namespace USERS = new Namespace("app", "users");

  private Changes() {}

  static ChangeTime time(long number) {
    return new ChangeTime((1_700_000_000L << 32) + number, 0);
  }

  /** The position after a change. */
  static String after(long number) {
    return time(number) + "-" + number;
  }

  /** How many numbered changes are before a position; none without one. */
  static int before(Optional<String> position) {
    return position.map(text -> 1 + Integer.parseInt(text.split("-", 2)[1])).orElse(0);
  }

  static DocumentChange.Document insert(String id, long number) {
    return change(Kind.INSERT, new BsonString(id), List.of(), document(id), number);
  }

  private static BsonDocument document(String id) {
    return new BsonDocument("_id", new BsonString(id));
  }

  static DocumentChange.Document change(
      Kind kind, BsonValue id, List<String> fields, @Nullable BsonDocument document, long number) {
    return new DocumentChange.Document(kind, USERS, id, fields, document, null, time(number), 0);
  }

  /** A value that is given as MongoDB's extended JSON. */
  static BsonValue extended(String json) {
    return BsonArray.parse("[" + json + "]").getFirst();
  }
}
