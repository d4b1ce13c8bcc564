package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.mongodb.TestMongo;
import java.util.List;
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
    try (Collections side = new Collections(MongoOptions.of(limited));
        MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
            side.changes(new ObjectId()).cursor()) {
      side.log.insertOne(new Document("_id", 1L));
      await().until(() -> changes.tryNext() != null);
    }
  }
}
