package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Sorts.ascending;

import com.mongodb.MongoException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCursor;
import io.oplog.connector.document.Namespace;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Reads all documents of a collection, in the order of their ids: where a cursor is lost, as when
 * the taker was slow or a server went down, the next one goes on after the last document. One
 * thread, once.
 */
final class CollectionScan {
  private static final String ID = "_id";

  /** Takes documents. */
  @FunctionalInterface
  interface Taker {
    void take(RawBsonDocument document) throws IOException, InterruptedException;
  }

  /** An election takes ten seconds, as servers are set up; then a primary has to be found. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Namespace namespace;
  private final Bson projection;
  private @Nullable BsonValue last;
  private long movedAt = System.nanoTime();

  CollectionScan(Namespace namespace, Bson projection) {
    this.namespace = namespace;
    this.projection = projection;
  }

  /** Tells all documents. A cursor gets further than the one before within a minute. */
  void tell(MongoClient client, ClientSession session, Taker taker)
      throws IOException, InterruptedException {
    boolean isDone = false;
    while (!isDone) {
      isDone = tellRest(client, session, taker);
    }
  }

  private boolean tellRest(MongoClient client, ClientSession session, Taker taker)
      throws IOException, InterruptedException {
    BsonValue before = last;
    try (MongoCursor<RawBsonDocument> documents = rest(client, session).cursor()) {
      while (documents.hasNext()) {
        tell(documents.next(), taker);
      }
      return true;
    } catch (MongoException e) {
      boolean isFurther = !Objects.equals(before, last);
      movedAt = isFurther ? System.nanoTime() : movedAt;
      if (!Failures.isPassing(e) || System.nanoTime() - movedAt > PATIENCE_NANOS) {
        throw e;
      }
      return false;
    }
  }

  /** The bound of an index, since a comparison finds values of its own type alone. */
  private FindIterable<RawBsonDocument> rest(MongoClient client, ClientSession session) {
    FindIterable<RawBsonDocument> documents =
        client
            .getDatabase(namespace.database())
            .getCollection(namespace.collection(), RawBsonDocument.class)
            .find(session)
            .projection(projection)
            .sort(ascending(ID));
    return last == null ? documents : documents.hint(ascending(ID)).min(new BsonDocument(ID, last));
  }

  private void tell(RawBsonDocument document, Taker taker)
      throws IOException, InterruptedException {
    BsonValue id = Objects.requireNonNull(document.get(ID));
    if (!id.equals(last)) { // the bound is within
      taker.take(document);
      last = id;
    }
  }
}
