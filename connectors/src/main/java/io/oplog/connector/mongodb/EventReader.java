package io.oplog.connector.mongodb;

import static java.util.Objects.requireNonNull;

import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.Namespace;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** What events of a change stream say, with a time each. One thread. */
final class EventReader {
  private static final String KIND = "operationType";

  private final WantedFields wanted;
  private final ChangeClock clock;

  EventReader(WantedFields wanted, ChangeClock clock) {
    this.wanted = wanted;
    this.clock = clock;
  }

  /** Whether a change stream ends with this event. */
  static boolean isEnd(RawBsonDocument event) {
    return event.getString(KIND).getValue().equals("invalidate");
  }

  /** The changes, in their order; none in an event of another kind. */
  List<DocumentChange> read(RawBsonDocument event) {
    return switch (event.getString(KIND).getValue()) {
      case "insert" -> List.of(document(event, Kind.INSERT));
      case "update" -> List.of(document(event, Kind.UPDATE));
      case "replace" -> List.of(document(event, Kind.REPLACE));
      case "delete" -> List.of(document(event, Kind.DELETE));
      case "drop", "dropDatabase" -> List.of(gone(event, "ns"));
      case "rename" -> renamed(event);
      default -> List.of();
    };
  }

  private Document document(RawBsonDocument event, Kind kind) {
    Namespace namespace = namespace(event, "ns");
    BsonValue id = requireNonNull(event.getDocument("documentKey").get("_id"));
    return new Document(
        kind,
        namespace,
        id,
        kind == Kind.UPDATE ? changed(event.getDocument("updateDescription")) : List.of(),
        kept(event, "fullDocument", namespace),
        kept(event, "fullDocumentBeforeChange", namespace),
        time(event),
        millis(event));
  }

  private @Nullable BsonDocument kept(RawBsonDocument event, String name, Namespace namespace) {
    BsonValue document = event.get(name);
    return document == null || !document.isDocument()
        ? null
        : wanted.of(namespace, document.asDocument());
  }

  /** The names alone are sent, see {@link WatchPipeline}. */
  private static List<String> changed(BsonDocument description) {
    List<String> names = new ArrayList<>();
    add(names, description, "updatedFields");
    add(names, description, "removedFields");
    for (BsonValue cut : list(description, "truncatedArrays")) {
      names.add(cut.asDocument().getString("field").getValue());
    }
    return names;
  }

  private static void add(List<String> names, BsonDocument description, String name) {
    for (BsonValue field : list(description, name)) {
      names.add(field.asString().getValue());
    }
  }

  private static List<BsonValue> list(BsonDocument description, String name) {
    BsonValue list = description.get(name);
    return list == null || !list.isArray() ? List.of() : list.asArray();
  }

  private List<DocumentChange> renamed(RawBsonDocument event) {
    List<DocumentChange> changes = new ArrayList<>();
    for (String name : List.of("ns", "to")) {
      if (wanted.wants(namespace(event, name))) {
        changes.add(gone(event, name));
      }
    }
    return changes;
  }

  private Gone gone(RawBsonDocument event, String name) {
    return new Gone(namespace(event, name), time(event), millis(event));
  }

  private static Namespace namespace(RawBsonDocument event, String name) {
    BsonDocument namespace = event.getDocument(name);
    return new Namespace(
        namespace.getString("db").getValue(),
        namespace.getString("coll", new BsonString("")).getValue());
  }

  private ChangeTime time(RawBsonDocument event) {
    return clock.next(event.getTimestamp("clusterTime").getValue());
  }

  /** To the second where a server is too old to tell it better. */
  private static long millis(RawBsonDocument event) {
    BsonValue wall = event.get("wallTime");
    return wall instanceof BsonDateTime time
        ? time.getValue()
        : event.getTimestamp("clusterTime").getTime() * 1000L;
  }
}
