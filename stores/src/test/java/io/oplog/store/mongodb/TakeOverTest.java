package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.CreateCollectionOptions;
import io.oplog.core.engine.ResetReason;
import io.oplog.core.engine.StreamStart;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import io.oplog.protocol.FrameFilter;
import io.oplog.testkit.ReadEvent;
import io.oplog.testkit.mongodb.TestMongo;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.bson.BsonDateTime;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The original's collections, as its agents write them, become the beginning of the log. */
class TakeOverTest {
  private static final long T = Instant.parse("2024-05-01T10:00:00Z").toEpochMilli();
  private static final int EVERYTHING = 64 << 20;

  private final MongoOptions options =
      MongoOptions.of(TestMongo.shared().uri("o" + new ObjectId().toHexString()));
  private final MongoClient client = MongoClients.create(options.server());
  private final MongoCollection<Document> states =
      client.getDatabase(options.database()).getCollection("oplog_states");
  private final MongoCollection<Document> operations =
      client.getDatabase(options.database()).getCollection("oplog_ops");

  @AfterEach
  void close() {
    client.close();
  }

  // ---- what an agent of the original writes ----

  private static Document data(String type, String id, long millis, String... parents) {
    return new Document("ts", new BsonDateTime(millis))
        .append("p", parents.length == 0 ? null : List.of(parents))
        .append("t", type)
        .append("id", id);
  }

  private void state(String event, Document data, long storedMillis) {
    states.insertOne(
        new Document("_id", data.getString("t") + "/" + data.getString("id"))
            .append("event", event)
            .append("ts", new BsonDateTime(storedMillis))
            .append("data", data));
  }

  private static ObjectId idAt(long millis) {
    String rest = new ObjectId().toHexString().substring(8);
    return new ObjectId("%08x%s".formatted(millis / 1000, rest));
  }

  private ObjectId operation(String event, Document data, long millis) {
    ObjectId id = idAt(millis);
    operations.insertOne(new Document("_id", id).append("event", event).append("data", data));
    return id;
  }

  // ---- what the log has ----

  private static List<ReadEvent> log(Store store) throws StoreException {
    LogPage.Read page = (LogPage.Read) store.readLog(store.bounds().first() - 1, EVERYTHING);
    return ReadEvent.of(page.frames());
  }

  private static List<String> states(Store store, StreamStart start) throws StoreException {
    StreamStart.States from = (StreamStart.States) start;
    StateRead read =
        new StateRead(
            from.after(),
            from.committedFromMillis(),
            from.since(),
            from.ignoreDeletesThrough(),
            FrameFilter.ALL,
            EVERYTHING);
    await().until(() -> store.bounds().folded() == store.bounds().head());
    StatePage.Read page = (StatePage.Read) store.readStates(read);
    return ReadEvent.of(page.frames()).stream().map(TakeOverTest::words).toList();
  }

  private static String words(ReadEvent event) {
    return event.kind().wireName() + " " + event.object();
  }

  @Test
  void theStatesBecomeOperationsInTheOrderOfTheirTimes() throws StoreException {
    state("insert", data("video", "b", T + 7, "user/1", "user/2"), T + 2000);
    state("delete", data("video", "c", T + 8), T + 3000);
    state("insert", data("Video", "a", T + 6), T + 1000);
    try (Store store = MongoStore.open(options)) {
      assertThat(log(store))
          .extracting(TakeOverTest::words)
          .containsExactly("insert video/a", "insert video/b", "delete video/c");
      assertThat(log(store).get(1).operation().parents()).containsExactly("user/1", "user/2");
      assertThat(log(store).get(1).operation().timestampMillis()).isEqualTo(T + 7);
      assertThat(store.commitMillis(3)).hasValue(T + 3000);
    }
  }

  /** The original could die between the two writes of an operation. */
  @Test
  void anOperationThatTheStatesLackIsNotLost() throws StoreException {
    state("insert", data("video", "a", T), T);
    state("insert", data("video", "b", T), T + 1);
    operation("insert", data("video", "a", T), T);
    operation("insert", data("video", "b", T), T);
    operation("update", data("video", "b", T + 500), T + 500);
    operation("delete", data("video", "a", T + 900), T + 900);
    operation("insert", data("video", "new", T + 950), T + 950);
    operation("insert", data("video", "b", T), T + 990);
    try (Store store = MongoStore.open(options)) {
      assertThat(log(store))
          .extracting(TakeOverTest::words)
          .containsExactly(
              "insert video/a", "insert video/b", "delete video/a", "insert video/new");
    }
  }

  @Test
  void anIdOfTheOriginalGoesOnAtItsTimeLessAnOverlap() throws StoreException {
    long overlap = StreamStart.OVERLAP_SECONDS * 1000;
    for (int i = 0; i < 3; i++) {
      state("insert", data("video", "old" + i, T), T + i);
    }
    state("insert", data("video", "x", T + overlap), T + overlap + 2000);
    state("delete", data("video", "y", T + overlap), T + overlap + 3000);
    ObjectId id = operation("delete", data("video", "y", T + overlap), T + overlap + 3000);
    try (Store store = MongoStore.open(options)) {
      Cursor cursor = new Cursor.After(EventId.parse(id.toHexString()));
      assertThat(states(store, StreamStart.resolve(store, cursor)))
          .contains("insert video/x", "delete video/y")
          .doesNotContain("insert video/old0");
    }
  }

  @Test
  void anIdThatIsLaterThanTheTakeOverIsNotTheOriginals() throws StoreException {
    state("insert", data("video", "a", T), T);
    try (Store store = MongoStore.open(options)) {
      long later = store.takenOverSecond().getAsLong() + 1;
      int other = store.incarnation() ^ 1;
      StreamStart start =
          StreamStart.resolve(store, new Cursor.After(new EventId(later, other, 1)));
      assertThat(start).isInstanceOf(StreamStart.Reset.class);
      assertThat(((StreamStart.Reset) start).reason()).isEqualTo(ResetReason.INCARNATION);
    }
  }

  @Test
  void theMomentOfTheTakeOverOutlivesTheLog() throws Exception {
    state("insert", data("video", "a", T), T);
    long second;
    try (Store store = MongoStore.open(options)) {
      second = store.takenOverSecond().getAsLong();
      await().until(() -> store.bounds().folded() == store.bounds().head());
    }
    try (Store store = MongoStore.open(options)) {
      assertThat(store.takenOverSecond()).hasValue(second);
      assertThat(log(store)).hasSize(1);
    }
  }

  @Test
  void severalAgentsThatStartAtOnceTakeOverOnce() throws Exception {
    int count = 2500;
    for (int i = 0; i < count; i++) {
      state("insert", data("video", "x" + i, T), T + i / 100);
    }
    List<CompletableFuture<Store>> opening =
        IntStream.range(0, 3).mapToObj(_ -> CompletableFuture.supplyAsync(this::open)).toList();
    for (CompletableFuture<Store> one : opening) {
      try (Store store = one.get()) {
        assertThat(log(store)).extracting(ReadEvent::object).hasSize(count).doesNotHaveDuplicates();
      }
    }
  }

  private Store open() {
    try {
      return MongoStore.open(options);
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsNoOperationForUsIsLeftOut() throws StoreException {
    state("insert", data("a,b", "x", T), T);
    state("insert", data("video", "x".repeat(5000), T), T + 1);
    state("created", data("video", "y", T), T + 2);
    states.insertOne(new Document("_id", "odd").append("data", "nothing"));
    state("insert", data("video", "good", T), T + 3);
    try (Store store = MongoStore.open(options)) {
      assertThat(log(store)).extracting(TakeOverTest::words).containsExactly("insert video/good");
    }
  }

  /** Its states do not come over a log that has operations. */
  @Test
  void aLogThatIsInUseTakesNothingOver() throws StoreException {
    try (Store store = MongoStore.open(options)) {
      Outcome outcome = store.append(List.of(submission(insert("video", "ours")))).getFirst();
      assertThat(outcome).isInstanceOf(Outcome.Stored.class);
    }
    state("insert", data("video", "theirs", T), T);
    try (Store store = MongoStore.open(options)) {
      assertThat(log(store)).extracting(ReadEvent::object).containsExactly("video/ours");
      assertThat(store.takenOverSecond()).isEmpty();
    }
  }

  @Test
  void theCappedLogAloneIsEnough() throws StoreException {
    client
        .getDatabase(options.database())
        .createCollection(
            "oplog_ops", new CreateCollectionOptions().capped(true).sizeInBytes(1 << 20));
    operation("insert", data("video", "a", T), T);
    operation("delete", data("video", "b", T), T);
    try (Store store = MongoStore.open(options)) {
      assertThat(log(store))
          .extracting(TakeOverTest::words)
          .containsExactly("insert video/a", "delete video/b");
    }
  }
}
