package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;
import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.core.store.StoreException;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private final ManualClock clock = new ManualClock();
  private final String database = "l" + new ObjectId().toHexString();
  private final MongoOptions options =
      MongoOptions.of(TestMongo.shared().uri(database)).withClock(clock);

  private MongoStore open() throws StoreException {
    return open(TestMongo.shared().uri(database));
  }

  private MongoStore open(String uri) throws StoreException {
    return MongoStore.open(MongoOptions.of(uri).withClock(clock), clock::wallMillis);
  }

  /** Leaves the lease as an agent does that dies while it holds it. */
  private void dieWithTheLease(LogDatabase side) throws StoreException {
    MongoStore holder = open();
    await().until(() -> holder.shared().orElseThrow().folds());
    Document left = Objects.requireNonNull(side.meta.find(eq("_id", "lease")).first());
    holder.close();
    side.meta.replaceOne(eq("_id", "lease"), left);
  }

  /** The database has another primary, whose clock is an hour behind; the holder died meanwhile. */
  @Test
  void aLeaseThatTheClockWasSetBackBehindKeepsNobodyFromTheFold() throws StoreException {
    try (LogDatabase side = new LogDatabase(options)) {
      dieWithTheLease(side);
      clock.step(Duration.ofHours(-1));
      try (MongoStore store = open()) {
        store.append(List.of(submission(insert("video", "a"))));
        await().until(() -> store.bounds().folded() == 1);
      }
    }
  }

  /** Its sessions are written nowhere any more, and may hold the fold's documents for a minute. */
  @Test
  void aDeadHolderWhoseSessionsCouldNotBeEndedIsEndedLater() throws Exception {
    try (LogDatabase side = new LogDatabase(options);
        TcpProxy way = TcpProxy.to(TestMongo.shared().node())) {
      dieWithTheLease(side);
      clock.pass(Duration.ofMinutes(1));
      way.setAt("killSessions", Fault.REFUSED);
      try (MongoStore store = open(TestMongo.shared().uri(way, database))) {
        await().until(() -> way.fault() == Fault.REFUSED);
        assertThat(store.bounds().folded()).isZero();
        way.setAt("killSessions", Fault.STALLED);
        way.set(Fault.NONE);
        await().until(() -> way.fault() == Fault.STALLED);
        way.set(Fault.NONE);
        store.append(List.of(submission(insert("video", "a"))));
        await().until(() -> store.bounds().folded() == 1);
      }
    }
  }
}
