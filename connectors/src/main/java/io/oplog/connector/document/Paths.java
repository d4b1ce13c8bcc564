package io.oplog.connector.document;

import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** What stands under a path with dots, as MongoDB reads it: through lists too. */
final class Paths {
  private Paths() {}

  /** All values under a path; none where it leads nowhere. */
  static List<BsonValue> values(BsonDocument document, String path) {
    List<BsonValue> found = new ArrayList<>();
    collect(document, path, found);
    return found;
  }

  private static void collect(@Nullable BsonValue value, String path, List<BsonValue> found) {
    if (value instanceof BsonArray list) {
      list.forEach(item -> collect(item, path, found));
    } else if (value instanceof BsonDocument document) {
      collectIn(document, path, found);
    }
  }

  private static void collectIn(BsonDocument document, String path, List<BsonValue> found) {
    int dot = path.indexOf('.');
    BsonValue next = document.get(dot < 0 ? path : path.substring(0, dot));
    if (dot >= 0) {
      collect(next, path.substring(dot + 1), found);
    } else if (next != null) {
      found.add(next);
    }
  }
}
