package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;
import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.awaitility.Awaitility.await;

import io.oplog.core.store.StoreException;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.mongodb.TestMongo;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private final ManualClock clock = new ManualClock();
  private final MongoOptions options =
      MongoOptions.of(TestMongo.shared().uri("l" + new ObjectId().toHexString())).withClock(clock);

  private MongoStore open() throws StoreException {
    return MongoStore.open(options, clock::wallMillis);
  }

  /** The database has another primary, whose clock is an hour behind; the holder died meanwhile. */
  @Test
  void aLeaseThatTheClockWasSetBackBehindKeepsNobodyFromTheFold() throws StoreException {
    try (Collections side = new Collections(options)) {
      MongoStore holder = open();
      await().until(() -> holder.shared().orElseThrow().folds());
      Document left = Objects.requireNonNull(side.meta.find(eq("_id", "lease")).first());
      holder.close();
      side.meta.replaceOne(eq("_id", "lease"), left);
      clock.step(Duration.ofHours(-1));
      try (MongoStore store = open()) {
        store.append(List.of(submission(insert("video", "a"))));
        await().until(() -> store.bounds().folded() == 1);
      }
    }
  }
}
