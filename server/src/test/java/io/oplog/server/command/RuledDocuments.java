package io.oplog.server.command;

import static java.util.Objects.requireNonNull;

import com.mongodb.client.MongoDatabase;
import io.oplog.protocol.OperationKind;
import io.oplog.testkit.ReadEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * The objects that some rules make of documents: worked out here once more, or as a log has them.
 *
 * @param objects by type and id
 * @param operations of which a log has made them
 */
record RuledDocuments(Map<String, State> objects, int operations) {

  /** What is known of an object; {@code at} is 0 where the rule does not read when it changed. */
  record State(Set<String> parents, long at) {}

  /** With a collection that is left out, and one whose documents have no time of their own. */
  static String rules(String database) {
    return """
    DB.secrets  exclude
    DB.hidden*  exclude
    DB.users    type=User parents=org/{org},team/{teams},all
    DB.orders   type=order id={collection}-{_id} parents=org/{org} timestamp=at
    DB.*        timestamp=at   # type={collection} id={_id}
    """
        .replace("DB", database);
  }

  static RuledDocuments ofDatabase(MongoDatabase database) {
    Map<String, State> objects = new TreeMap<>();
    for (String collection : database.listCollectionNames()) {
      for (BsonDocument document : database.getCollection(collection, BsonDocument.class).find()) {
        add(collection, document, objects);
      }
    }
    return new RuledDocuments(objects, 0);
  }

  private static void add(String collection, BsonDocument document, Map<String, State> objects) {
    String id = text(document, "_id");
    long at = document.getDateTime("at", new BsonDateTime(0)).getValue();
    if (collection.equals("users")) {
      objects.put("user/" + id, new State(parentsOfUser(document), 0));
    } else if (collection.equals("orders")) {
      Set<String> org = Set.of("org/" + text(document, "org"));
      objects.put("order/orders-" + id, new State(org, at));
    } else if (!collection.equals("secrets") && !collection.startsWith("hidden")) {
      objects.put(collection + "/" + id, new State(Set.of(), at));
    }
  }

  private static Set<String> parentsOfUser(BsonDocument document) {
    Set<String> parents = new TreeSet<>(Set.of("all", "org/" + text(document, "org")));
    document.getArray("teams").forEach(team -> parents.add("team/" + text(team)));
    return parents;
  }

  private static String text(BsonDocument document, String field) {
    return text(requireNonNull(document.get(field)));
  }

  private static String text(BsonValue value) {
    return switch (value) {
      case BsonString text -> text.getValue();
      case BsonObjectId id -> id.getValue().toHexString();
      case BsonInt32 number -> Integer.toString(number.getValue());
      default -> throw new IllegalArgumentException(value.toString());
    };
  }

  /** What the last operations of all objects say. */
  static RuledDocuments ofLog(List<ReadEvent> log) {
    Map<String, State> objects = new TreeMap<>();
    for (ReadEvent event : log) {
      if (event.kind() == OperationKind.DELETE) {
        objects.remove(event.object());
      } else {
        objects.put(event.object(), state(event));
      }
    }
    return new RuledDocuments(objects, log.size());
  }

  private static State state(ReadEvent event) {
    boolean isTimed = !Set.of("user", "mark").contains(event.operation().type());
    return new State(
        new TreeSet<>(event.operation().parents()),
        isTimed ? event.operation().timestampMillis() : 0);
  }
}
