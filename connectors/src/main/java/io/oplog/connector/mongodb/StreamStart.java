package io.oplog.connector.mongodb;

import com.mongodb.client.ChangeStreamIterable;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCursor;
import com.mongodb.client.model.changestream.FullDocumentBeforeChange;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.BsonTimestamp;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;

/**
 * Opens a change stream.
 *
 * @param before whether to ask for documents as they were
 */
record StreamStart(MongoSourceOptions options, boolean before) {
  /**
   * An answer is read as a whole before any of it goes on, and may else hold 16 MB: that many
   * events would make the one that came last wait for a quarter of a second.
   */
  private static final int MOST_EVENTS = 500;

  /** The changes after a position. */
  MongoChangeStreamCursor<RawBsonDocument> after(MongoClient client, Position position) {
    ChangeStreamIterable<RawBsonDocument> stream = now(client);
    return cursor(
        position.token().isEmpty()
            ? stream.startAtOperationTime(new BsonTimestamp(position.time().clusterTime()))
            : stream.startAfter(position.resumeToken()));
  }

  /** Opens one from now on, and closes it. */
  void probe(MongoClient client) {
    cursor(now(client)).close();
  }

  private ChangeStreamIterable<RawBsonDocument> now(MongoClient client) {
    return watch(client)
        .fullDocumentBeforeChange(
            before ? FullDocumentBeforeChange.WHEN_AVAILABLE : FullDocumentBeforeChange.DEFAULT)
        .batchSize(MOST_EVENTS)
        .maxAwaitTime(options.awaitMillis(), TimeUnit.MILLISECONDS);
  }

  private ChangeStreamIterable<RawBsonDocument> watch(MongoClient client) {
    List<Bson> pipeline = new WatchPipeline(options.needs()).stages();
    Class<RawBsonDocument> raw = RawBsonDocument.class;
    return switch (options.watch()) {
      case Watch.Cluster _ -> client.watch(pipeline, raw);
      case Watch.Database(String name) -> client.getDatabase(name).watch(pipeline, raw);
      case Watch.Collection(var namespace) ->
          client
              .getDatabase(namespace.database())
              .getCollection(namespace.collection())
              .watch(pipeline, raw);
    };
  }

  /** Of events as they are: the driver's own type for them costs more than all else here. */
  private static MongoChangeStreamCursor<RawBsonDocument> cursor(
      ChangeStreamIterable<RawBsonDocument> stream) {
    MongoCursor<RawBsonDocument> cursor = stream.withDocumentClass(RawBsonDocument.class).cursor();
    if (cursor instanceof MongoChangeStreamCursor<RawBsonDocument> changes) {
      return changes;
    }
    cursor.close();
    throw new IllegalStateException("this driver gives no change stream: " + cursor.getClass());
  }
}
