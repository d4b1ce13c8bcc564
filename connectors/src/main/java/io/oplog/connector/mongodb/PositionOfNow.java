package io.oplog.connector.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import io.oplog.connector.document.ChangeTime;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a change stream begins that is opened now. The driver tells no token before the first
 * change, so the command is sent as it is.
 *
 * @param position everything after it comes as a change
 * @param seen a cluster time so late that whoever reads at it sees everything before the position
 */
record PositionOfNow(Position position, BsonTimestamp seen) {
  private static final Logger LOG = LoggerFactory.getLogger(PositionOfNow.class);
  private static final String CURSOR = "cursor";

  /**
   * Takes it.
   *
   * @param before a cluster time that is over
   */
  static PositionOfNow take(MongoClient client, Watch watch, long before) {
    MongoDatabase database = client.getDatabase(database(watch));
    BsonDocument answer =
        database.runCommand(command(watch), client.getReadPreference(), BsonDocument.class);
    BsonDocument cursor = answer.getDocument(CURSOR);
    end(database, cursor);
    ChangeTime time = new ChangeTime(before, 0);
    return new PositionOfNow(
        Position.of(time, cursor.getDocument("postBatchResumeToken")), seen(answer, before));
  }

  /** The whole cluster's time: a majority may know less than the server that answers. */
  private static BsonTimestamp seen(BsonDocument answer, long before) {
    BsonDocument gossip = answer.getDocument("$clusterTime", new BsonDocument());
    return gossip.getTimestamp("clusterTime", new BsonTimestamp(before));
  }

  private static String database(Watch watch) {
    return switch (watch) {
      case Watch.Cluster _ -> "admin";
      case Watch.Database(String name) -> name;
      case Watch.Collection(var namespace) -> namespace.database();
    };
  }

  private static BsonDocument command(Watch watch) {
    BsonDocument stage = new BsonDocument("$changeStream", new BsonDocument());
    BsonValue of = new BsonInt32(1);
    if (watch instanceof Watch.Collection(var namespace)) {
      of = new BsonString(namespace.collection());
    } else if (watch instanceof Watch.Cluster) {
      stage.getDocument("$changeStream").put("allChangesForCluster", BsonBoolean.TRUE);
    }
    return new BsonDocument("aggregate", of)
        .append("pipeline", new BsonArray(List.of(stage)))
        .append(CURSOR, new BsonDocument("batchSize", new BsonInt32(0)))
        .append("readConcern", new BsonDocument("level", new BsonString("majority")));
  }

  /** Where that fails the server ends it after some minutes. */
  private static void end(MongoDatabase database, BsonDocument cursor) {
    String namespace = cursor.getString("ns").getValue();
    try {
      BsonDocument _ =
          database.runCommand(
              new BsonDocument(
                      "killCursors",
                      new BsonString(namespace.substring(namespace.indexOf('.') + 1)))
                  .append("cursors", new BsonArray(List.of(cursor.get("id")))),
              BsonDocument.class);
    } catch (MongoException e) {
      LOG.debug("A cursor was not ended", e);
    }
  }
}
