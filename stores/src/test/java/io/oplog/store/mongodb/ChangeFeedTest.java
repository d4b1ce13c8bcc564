package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreClock;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.mongodb.TestMongo;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

/** What it costs to hear of others, in round trips, and what the stream of changes goes through. */
class ChangeFeedTest {
  private static final int BLOCKS = 100;
  private final String uri = TestMongo.shared().uri("f" + new ObjectId().toHexString());
  private final MongoOptions options = MongoOptions.of(uri);

  private static long commands(Store store) {
    return store.shared().orElseThrow().commands();
  }

  private static void append(Store store, int count) throws StoreException {
    for (int i = 0; i < count; i++) {
      store.append(List.of(submission(insert("video", "v" + i))));
    }
  }

  @Test
  void aBlockOfAnotherAgentCostsOneRoundTripAtMost() throws StoreException {
    try (Store writer = MongoStore.open(options);
        Store reader = MongoStore.open(options)) {
      append(writer, 1);
      await().until(() -> reader.bounds().head() == 1);
      long before = commands(reader);
      append(writer, BLOCKS);
      await().until(() -> reader.bounds().head() == BLOCKS + 1);
      assertThat(commands(reader) - before).isLessThan(BLOCKS + BLOCKS / 2);
    }
  }

  /**
   * An insert and a look at the log's start, and the fold now and then; the stand-in also answers
   * the change stream when there was nothing for it.
   */
  @Test
  void whatAnAgentAppendsItselfItNeedNotRead() throws StoreException {
    try (Store writer = MongoStore.open(options)) {
      append(writer, 1);
      await().until(() -> writer.bounds().folded() == 1);
      long before = commands(writer);
      append(writer, BLOCKS);
      await().until(() -> writer.bounds().folded() == BLOCKS + 1);
      assertThat(commands(writer) - before).isBetween(2L * BLOCKS, 4L * BLOCKS);
    }
  }

  /** The driver waits for changes only as long as is less than the operator's limit. */
  @Test
  void changesComeThroughUnderAShortTimeLimitOfTheOperators() {
    String limited = uri + (uri.contains("?") ? "&" : "?") + "timeoutMS=1000";
    try (LogDatabase side = new LogDatabase(MongoOptions.of(limited));
        MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
            side.changes(new ObjectId()).cursor()) {
      side.log.insertOne(new Document("_id", 1L));
      await().until(() -> changes.tryNext() != null);
    }
  }

  /** The server ends it without an error then. */
  @Test
  void theStreamIsOpenedAnewWhenTheDatabaseWasDropped() {
    AtomicLong told = new AtomicLong();
    AtomicLong moved = new AtomicLong();
    LiveBounds bounds = new LiveBounds();
    bounds.log(1, 0, Long.MAX_VALUE - 1, 0, 0);
    try (LogDatabase watched = new LogDatabase(options);
        LogDatabase side = new LogDatabase(options);
        MongoClient client = MongoClients.create(uri);
        ChangeFeed feed = feed(watched, bounds, told)) {
      feed.start();
      await().until(() -> told.get() < moveFold(side, moved) && told.get() > 0);
      client.getDatabase(options.database()).drop();
      long before = moved.get();
      await().until(() -> told.get() < moveFold(side, moved) && told.get() > before);
    }
  }

  /** One that tells of the fold's places, and has nobody who reads. */
  private static ChangeFeed feed(LogDatabase watched, LiveBounds bounds, AtomicLong told) {
    ObjectId self = new ObjectId();
    BlockLog log = new BlockLog(watched);
    Lease lease = new Lease(watched, StoreClock.SYSTEM);
    Sources sources = new Sources(watched);
    Folder folder = new Folder(self, watched, log, lease, sources, bounds, told::set);
    return new ChangeFeed(watched, self, new Chain(log, _ -> {}), folder);
  }

  private static long moveFold(LogDatabase side, AtomicLong moved) {
    long place = moved.incrementAndGet();
    side.meta.replaceOne(
        Filters.eq("_id", FoldPlace.ID),
        new FoldPlace(place, place, 0).toDocument().append(Block.AGENT, new ObjectId()),
        new ReplaceOptions().upsert(true));
    return place;
  }
}
