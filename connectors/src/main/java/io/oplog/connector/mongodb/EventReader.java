package io.oplog.connector.mongodb;

import static java.util.Objects.requireNonNull;

import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.Namespace;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** What events of a change stream say, with a time each. One thread. */
final class EventReader {
  private final WantedFields wanted;
  private final ChangeClock clock;

  EventReader(WantedFields wanted, ChangeClock clock) {
    this.wanted = wanted;
    this.clock = clock;
  }

  /** The changes, in their order; none in an event of another kind. */
  List<DocumentChange> read(Event event) {
    return switch (event.kind()) {
      case "insert" -> List.of(document(event, Kind.INSERT));
      case "update" -> List.of(document(event, Kind.UPDATE));
      case "replace" -> List.of(document(event, Kind.REPLACE));
      case "delete" -> List.of(document(event, Kind.DELETE));
      case "drop", "dropDatabase" -> List.of(gone(event, event.namespace()));
      case "rename" ->
          Stream.of(event.namespace(), event.to())
              .filter(wanted::wants)
              .map(namespace -> gone(event, namespace))
              .toList();
      default -> List.of();
    };
  }

  private Document document(Event event, Kind kind) {
    return new Document(
        kind,
        event.namespace(),
        requireNonNull(DocumentId.in(requireNonNull(event.key()))),
        kind == Kind.UPDATE ? event.changed() : List.of(),
        kept(event.namespace(), event.document()),
        kept(event.namespace(), event.before()),
        time(event),
        event.millis());
  }

  private @Nullable BsonDocument kept(Namespace namespace, @Nullable RawBsonDocument document) {
    return document == null ? null : wanted.of(namespace, document);
  }

  private DocumentChange gone(Event event, Namespace namespace) {
    return new Gone(namespace, time(event), event.millis());
  }

  private ChangeTime time(Event event) {
    return clock.next(event.clusterTime());
  }
}
