package io.oplog.connector.document;

import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** What stands under a path with dots, as MongoDB reads it: through lists too. */
public final class Paths {
  private Paths() {}

  /** The name at the top that a path begins with. */
  public static String top(String path) {
    int dot = path.indexOf('.');
    return dot < 0 ? path : path.substring(0, dot);
  }

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
    BsonValue next = document.get(top(path));
    if (dot >= 0) {
      collect(next, path.substring(dot + 1), found);
    } else if (next != null) {
      found.add(next);
    }
  }
}
