package io.oplog.connector.mongodb;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCursor;
import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import org.bson.BsonTimestamp;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The oplog of a member of a replica set, followed as it grows. Every position is one of its
 * entries, and it goes on only where that entry still is: what is missing between was dropped, or
 * is of another history. One thread, but for {@link #probe}.
 */
final class TailFeed implements Feed {
  private static final Logger LOG = LoggerFactory.getLogger(TailFeed.class);

  private final Deployment deployment;
  private final EntryLog log;
  private final EntryCondition condition;
  private final WantedFields wanted;
  private boolean toldOfBefore;

  TailFeed(
      MongoSourceOptions options, Reading.Log log, Deployment deployment, WantedFields wanted) {
    this.deployment = deployment;
    this.log = new EntryLog(log.entries(), options.awaitMillis());
    this.condition = new EntryCondition(options.needs().namespaces());
    this.wanted = wanted;
    this.toldOfBefore = !options.needs().before();
  }

  @Override
  public FeedReader after(Position start) throws IOException, InterruptedException {
    deployment.hello().requireOplog(deployment.place());
    tellOfBefore();
    return deployment.ask("read its oplog after " + start, client -> open(client, start));
  }

  private void tellOfBefore() {
    if (!toldOfBefore) {
      toldOfBefore = true;
      LOG.warn(
          "The oplog of {} does not tell documents as they were before a change, as its change stream"
              + " can: they are left out",
          deployment.place());
    }
  }

  private FeedReader open(MongoClient client, Position start) throws PositionLostException {
    long time = start.time().clusterTime();
    ClientSession session = client.startSession();
    MongoCursor<RawBsonDocument> cursor = null;
    try {
      cursor = log.from(client, session, time, condition.mayBeWanted());
      Entry first = first(cursor, start);
      return new TailReader(
          deployment, log, new TailReader.Open(session, cursor, first), start, wanted);
    } catch (PositionLostException | RuntimeException e) {
      close(cursor);
      session.close();
      throw e;
    }
  }

  private static void close(@Nullable MongoCursor<?> cursor) {
    if (cursor != null) {
      cursor.close();
    }
  }

  private Entry first(MongoCursor<RawBsonDocument> cursor, Position start)
      throws PositionLostException {
    RawBsonDocument first = cursor.tryNext();
    if (first == null || new Entry(first).time() != start.time().clusterTime()) {
      throw deployment.lost(start.toString(), "the oplog no longer has an entry of that time");
    }
    return new Entry(first);
  }

  /** After everything in the newest entry. */
  @Override
  public PositionOfNow now(MongoClient client, Hello begin) throws IOException {
    long newest =
        log.newest(client)
            .orElseThrow(() -> new IOException(deployment.place() + ": its oplog is empty"))
            .time();
    return new PositionOfNow(Position.afterAllOf(newest), new BsonTimestamp(newest));
  }

  @Override
  public void probe() throws IOException, InterruptedException {
    deployment.hello().requireOplog(deployment.place());
    deployment.run("read its oplog", log::newest);
  }
}
