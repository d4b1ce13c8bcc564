package io.oplog.connector.mongodb;

import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.Namespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonInvalidOperationException;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What operations in mongod's oplog say, as a change stream tells it, with a time each. What it
 * does not tell is left out: operations without a document, and what is not wanted. One thread.
 */
final class EntryReader {
  private static final String ID = "_id";

  private final WantedFields wanted;
  private final ChangeClock clock;

  EntryReader(WantedFields wanted, ChangeClock clock) {
    this.wanted = wanted;
    this.clock = clock;
  }

  /**
   * Reads an operation.
   *
   * @param entry that made it visible
   * @throws IOException when its form is not known
   */
  List<DocumentChange> read(BsonDocument operation, Entry entry) throws IOException {
    try {
      return told(operation, entry);
    } catch (BsonInvalidOperationException | IOException e) {
      throw unknown(entry, e);
    }
  }

  private static IOException unknown(Entry entry, Exception cause) {
    ChangeTime time = new ChangeTime(entry.time(), 0);
    return new IOException(
        "the oplog's entry at " + time + " cannot be read: " + cause.getMessage(), cause);
  }

  private List<DocumentChange> told(BsonDocument operation, Entry entry) throws IOException {
    String kind = operation.getString(Entry.KIND).getValue();
    return switch (kind) {
      case "i", "u", "d" -> document(kind, operation, entry);
      case Entry.COMMAND -> command(operation, entry);
      default -> List.of();
    };
  }

  private List<DocumentChange> document(String kind, BsonDocument operation, Entry entry)
      throws IOException {
    Namespace namespace = namespace(operation.getString(Entry.NAMESPACE).getValue());
    if (!wanted.wants(namespace)) {
      return List.of();
    }
    BsonDocument object = operation.getDocument(Entry.OBJECT);
    return List.of(
        switch (kind) {
          case "i" -> whole(Kind.INSERT, namespace, object, object, entry);
          case "u" -> update(namespace, object, operation.getDocument("o2"), entry);
          default -> change(Kind.DELETE, namespace, object, List.of(), null, entry);
        });
  }

  /** Of a replacement the object is the document, which has its id; so mongod tells them apart. */
  private Document update(Namespace namespace, BsonDocument object, BsonDocument key, Entry entry)
      throws IOException {
    return object.containsKey(ID)
        ? whole(Kind.REPLACE, namespace, key, object, entry)
        : change(Kind.UPDATE, namespace, key, ChangedFields.of(object), null, entry);
  }

  private Document whole(
      Kind kind, Namespace namespace, BsonDocument key, BsonDocument document, Entry entry) {
    return change(kind, namespace, key, List.of(), wanted.of(namespace, document), entry);
  }

  private Document change(
      Kind kind,
      Namespace namespace,
      BsonDocument key,
      List<String> fields,
      @Nullable BsonDocument document,
      Entry entry) {
    BsonValue id = DocumentId.in(key);
    if (id == null) {
      throw new BsonInvalidOperationException("there is no _id");
    }
    return new Document(
        kind, namespace, id, fields, document, null, clock.next(entry.time()), entry.millis());
  }

  /** Of those that change no documents nothing is told. */
  private List<DocumentChange> command(BsonDocument operation, Entry entry) {
    String database = namespace(operation.getString(Entry.NAMESPACE).getValue()).database();
    BsonDocument command = operation.getDocument(Entry.OBJECT);
    List<Namespace> gone = new ArrayList<>();
    if (command.containsKey("drop")) {
      gone.add(new Namespace(database, command.getString("drop").getValue()));
    } else if (command.containsKey("dropDatabase")) {
      gone.add(new Namespace(database, ""));
    } else if (command.containsKey("renameCollection")) {
      gone.add(namespace(command.getString("renameCollection").getValue()));
      gone.add(namespace(command.getString("to").getValue()));
    }
    return gone(gone, entry);
  }

  private List<DocumentChange> gone(List<Namespace> namespaces, Entry entry) {
    List<DocumentChange> changes = new ArrayList<>();
    for (Namespace namespace : namespaces) {
      if (wanted.wants(namespace)) {
        changes.add(new Gone(namespace, clock.next(entry.time()), entry.millis()));
      }
    }
    return changes;
  }

  /** A database has no dot in its name. */
  private static Namespace namespace(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? new Namespace(text, "")
        : new Namespace(text.substring(0, dot), text.substring(dot + 1));
  }
}
