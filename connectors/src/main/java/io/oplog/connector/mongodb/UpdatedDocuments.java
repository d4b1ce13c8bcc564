package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.in;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCursor;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.Namespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents that were updated, where they are wanted: one question for each collection in
 * a batch, where the server's own look-up asks one for each event, wanted or not. What is read is
 * no older than the changes, whichever member of a replica set answers. One thread.
 */
final class UpdatedDocuments implements AutoCloseable {
  private static final int FIRST_GUESS = 16 << 10;

  private final Deployment deployment;
  private final WantedFields wanted;
  private @Nullable ClientSession session;

  /** Of a collection, after those that were read before. */
  private final Map<Namespace, Integer> usualBytes = new HashMap<>();

  UpdatedDocuments(Deployment deployment, WantedFields wanted) {
    this.deployment = deployment;
    this.wanted = wanted;
  }

  /** How large the documents of some changes will be, after those that were read before. */
  int guessBytes(List<DocumentChange> changes) {
    return changes.stream()
        .filter(this::isAskedFor)
        .mapToInt(change -> usualBytes.getOrDefault(change.namespace(), FIRST_GUESS))
        .max()
        .orElse(0);
  }

  private boolean isAskedFor(DocumentChange change) {
    return change instanceof Document one
        && one.kind() == Kind.UPDATE
        && wanted.needsUpdated(one.namespace());
  }

  /** The same changes, those with their documents that need them and still have one. */
  List<DocumentChange> added(List<DocumentChange> changes)
      throws IOException, InterruptedException {
    Map<Namespace, Set<BsonValue>> asked = new HashMap<>();
    for (DocumentChange change : changes) {
      if (change instanceof Document one && isAskedFor(change)) {
        asked.computeIfAbsent(one.namespace(), _ -> new LinkedHashSet<>()).add(one.id());
      }
    }
    return asked.isEmpty() ? changes : with(read(asked, changes.getLast()), changes);
  }

  private Map<Namespace, Map<BsonValue, BsonDocument>> read(
      Map<Namespace, Set<BsonValue>> asked, DocumentChange last)
      throws IOException, InterruptedException {
    Map<Namespace, Map<BsonValue, BsonDocument>> found = new HashMap<>();
    for (var entry : asked.entrySet()) {
      Namespace namespace = entry.getKey();
      found.put(
          namespace,
          deployment.ask(
              "read updated documents of " + namespace,
              client -> read(client, namespace, entry.getValue(), last)));
    }
    return found;
  }

  private Map<BsonValue, BsonDocument> read(
      MongoClient client, Namespace namespace, Set<BsonValue> ids, DocumentChange last) {
    Map<BsonValue, BsonDocument> found = new HashMap<>();
    try (MongoCursor<RawBsonDocument> documents =
        client
            .getDatabase(namespace.database())
            .getCollection(namespace.collection(), RawBsonDocument.class)
            .find(session(client, last), in("_id", ids))
            .projection(wanted.projection(namespace))
            .cursor()) {
      while (documents.hasNext()) {
        RawBsonDocument document = documents.next();
        note(namespace, document.getByteBuffer().remaining());
        found.put(document.get("_id"), document);
      }
    }
    return found;
  }

  private void note(Namespace namespace, int bytes) {
    usualBytes.merge(namespace, bytes, (usual, _) -> usual + (bytes - usual) / 8);
  }

  /** Its questions are answered by who has seen the last change. */
  private ClientSession session(MongoClient client, DocumentChange last) {
    ClientSession one = session == null ? client.startSession() : session;
    session = one;
    one.advanceOperationTime(new BsonTimestamp(last.time().clusterTime()));
    return one;
  }

  private List<DocumentChange> with(
      Map<Namespace, Map<BsonValue, BsonDocument>> found, List<DocumentChange> changes) {
    List<DocumentChange> all = new ArrayList<>(changes.size());
    for (DocumentChange change : changes) {
      boolean isAsked = change instanceof Document && isAskedFor(change);
      all.add(isAsked ? with((Document) change, found) : change);
    }
    return all;
  }

  private static Document with(
      Document change, Map<Namespace, Map<BsonValue, BsonDocument>> found) {
    return new Document(
        change.kind(),
        change.namespace(),
        change.id(),
        change.fields(),
        found.getOrDefault(change.namespace(), Map.of()).get(change.id()),
        change.before(),
        change.time(),
        change.millis());
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }
}
