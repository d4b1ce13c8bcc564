package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.moving;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.core.engine.StreamStart;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.Retention;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.ReadEvent;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An agent that heard nothing of the database while others appended and trimmed past its end. */
class StalledAgentTest {
  private static final int OTHERS = 20;
  private static final Duration LEASE = Duration.ofSeconds(11);

  private final String database = "s" + new ObjectId().toHexString();
  private final ManualClock clock = new ManualClock();
  private final ExecutorService producer = Executors.newSingleThreadExecutor();
  private TcpProxy way;
  private MongoStore stalled;
  private MongoStore other;

  /** The states stand still until everything is dropped, so that it has to remember what moved. */
  @BeforeEach
  void open() throws IOException, StoreException {
    way = TcpProxy.to(TestMongo.shared().node());
    stalled = open(TestMongo.shared().uri(way, database));
    other = open(TestMongo.shared().uri(database));
  }

  private MongoStore open(String uri) throws StoreException {
    MongoOptions options =
        MongoOptions.of(uri).withClock(clock).withRetention(Retention.FOREVER.withLogBytes(1));
    return MongoStore.open(options, clock::wallMillis, 0);
  }

  @AfterEach
  void close() throws IOException {
    way.set(Fault.NONE);
    producer.shutdownNow();
    stalled.close();
    other.close();
    way.close();
  }

  private static EventId append(Store store, Submission submission) throws StoreException {
    Outcome outcome = store.append(List.of(submission)).getFirst();
    return Objects.requireNonNull(((Outcome.Stored) outcome).last());
  }

  /** Appends, and drops everything that may be dropped: only the newest operation is left. */
  private void othersGoOn() throws StoreException {
    for (int i = 0; i < OTHERS; i++) {
      append(other, submission(insert("video", "other" + i)));
    }
    clock.pass(LEASE);
    other.limitFold(Long.MAX_VALUE);
    await().until(() -> other.bounds().folded() == other.bounds().head());
    other.enforceRetention();
    assertThat(other.bounds().first()).isEqualTo(other.bounds().head());
  }

  private static List<ReadEvent> log(Store store) throws StoreException {
    long before = store.latestBounds().first() - 1;
    return ReadEvent.of(((LogPage.Read) store.readLog(before, 1 << 20)).frames());
  }

  @Test
  void whatItReadsIsWhatTheLogHoldsNow() throws StoreException {
    EventId old = append(stalled, submission(insert("video", "a")));
    append(stalled, moving("crm", null, "p1", insert("video", "b")));
    way.set(Fault.STALLED);
    append(other, moving("crm", "p1", "p2", insert("video", "c")));
    othersGoOn();
    way.set(Fault.NONE);

    Bounds latest = stalled.latestBounds();
    assertThat(latest.head()).isEqualTo(other.bounds().head());
    assertThat(latest.headMillis()).isEqualTo(other.bounds().headMillis());
    assertThat(latest.first()).isGreaterThan(old.sequence() + 1);
    assertThat(stalled.sourceToken("crm")).contains("p2");
    assertThat(stalled.readLog(old.sequence(), 1 << 20)).isInstanceOf(LogPage.Trimmed.class);
    assertThat(stalled.commitMillis(old.sequence())).isEmpty();
    assertThat(StreamStart.resolve(stalled, new Cursor.After(old)))
        .isInstanceOf(StreamStart.States.class);
    await().until(() -> stalled.bounds().folded() == latest.head());
    stalled.enforceRetention();
    assertThat(stalled.bounds()).isEqualTo(other.bounds());
    assertThat(log(stalled)).isEqualTo(log(other));
  }

  @Test
  void itsAppendThatWasOnItsWayIsInTheLogOnceWhenItIsAcknowledged() throws Exception {
    append(stalled, submission(insert("video", "a")));
    Future<EventId> late = whileAway(submission(insert("video", "late")));
    EventId id = late.get();
    assertThat(id.sequence()).isEqualTo(OTHERS + 2L);
    assertThat(other.latestBounds().head()).isEqualTo(id.sequence());
    assertThat(log(other)).filteredOn(event -> event.id().equals(id)).hasSize(1);
    assertThat(log(other)).filteredOn(event -> event.object().equals("video/late")).hasSize(1);
    assertThat(log(stalled)).endsWith(log(other).getLast());
  }

  private Future<EventId> whileAway(Submission submission) throws StoreException {
    way.setAt("late", Fault.STALLED);
    Future<EventId> late = producer.submit(() -> append(stalled, submission));
    await().until(() -> way.fault() == Fault.STALLED);
    othersGoOn();
    way.set(Fault.NONE);
    return late;
  }

  @Test
  void aSourceThatMovedMeanwhileIsNotAnsweredFromMemory() throws Exception {
    append(stalled, moving("crm", null, "p1", insert("video", "a")));
    way.setAt("late", Fault.STALLED);
    Submission lateStep = moving("crm", "p1", "p2", insert("video", "late"));
    Future<List<Outcome>> late = producer.submit(() -> stalled.append(List.of(lateStep)));
    await().until(() -> way.fault() == Fault.STALLED);
    append(other, moving("crm", "p1", "q", insert("video", "b")));
    othersGoOn();
    way.set(Fault.NONE);

    assertThat(late.get()).containsExactly(new Outcome.SourceConflict("q"));
    assertThat(other.latestBounds().head()).isEqualTo(OTHERS + 2L);
    assertThat(stalled.sourceToken("crm")).contains("q");
  }
}
