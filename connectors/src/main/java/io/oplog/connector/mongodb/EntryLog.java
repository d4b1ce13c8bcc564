package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Projections.include;

import com.mongodb.CursorType;
import com.mongodb.ServerAddress;
import com.mongodb.client.ClientSession;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoCursor;
import io.oplog.connector.document.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;

/**
 * The collection in which mongod has its oplog. Everything is read as a majority has it, so nothing
 * is told that a rollback takes back; and with a session by whoever has what was read before, so
 * nothing is taken for gone that a member does not have yet.
 */
record EntryLog(Namespace namespace, long awaitMillis) {
  private static final Bson BACKWARDS = new Document("$natural", -1);

  /**
   * The last entry.
   *
   * @param server that said so
   */
  record Newest(long time, ServerAddress server) {}

  private MongoCollection<RawBsonDocument> entries(MongoClient client) {
    return client
        .getDatabase(namespace.database())
        .getCollection(namespace.collection(), RawBsonDocument.class);
  }

  /**
   * The entry at a time, whatever it is, and those after it that meet a condition, as they come.
   */
  MongoCursor<RawBsonDocument> from(
      MongoClient client, ClientSession session, long time, Bson condition) {
    BsonTimestamp first = new BsonTimestamp(time);
    session.advanceOperationTime(first);
    return entries(client)
        .find(session, and(gte(Entry.TIME, first), or(eq(Entry.TIME, first), condition)))
        .cursorType(CursorType.TailableAwait)
        .maxAwaitTime(awaitMillis, TimeUnit.MILLISECONDS)
        .cursor();
  }

  /**
   * The entry at a time that is before what the session has seen.
   *
   * @param isWhole whether with what it says
   */
  Optional<Entry> at(MongoClient client, ClientSession session, long time, boolean isWhole) {
    FindIterable<RawBsonDocument> found =
        entries(client).find(session, eq(Entry.TIME, new BsonTimestamp(time)));
    return Optional.ofNullable((isWhole ? found : found.projection(head())).first())
        .map(Entry::new);
  }

  private static Bson head() {
    List<String> head = new ArrayList<>(Entry.TRANSACTION);
    head.addAll(List.of(Entry.TIME, Entry.PREVIOUS));
    Entry.HELD.forEach(mark -> head.add(Entry.OBJECT + "." + mark));
    return include(head);
  }

  /** The last entry; empty where there is none. */
  Optional<Newest> newest(MongoClient client) {
    try (MongoCursor<RawBsonDocument> last =
        entries(client)
            .find()
            .projection(include(Entry.TIME))
            .sort(BACKWARDS)
            .hint(BACKWARDS) // a stand-in heeds one or the other
            .limit(1)
            .cursor()) {
      return last.hasNext()
          ? Optional.of(new Newest(new Entry(last.next()).time(), last.getServerAddress()))
          : Optional.empty();
    }
  }
}
