package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;
import static io.oplog.testkit.Operations.submission;
import static io.oplog.testkit.Operations.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each operation is folded once, whatever the agents know of each other. */
class FolderTest {
  private static final int OPERATIONS = 100;
  private static final Duration LEASE = Duration.ofSeconds(11);

  private final String database = "d" + new ObjectId().toHexString();
  private final LogDatabase side =
      new LogDatabase(MongoOptions.of(TestMongo.shared().uri(database)));

  @AfterEach
  void close() {
    side.close();
  }

  private static void append(Store store, long sequence) throws StoreException {
    store.append(List.of(submission(update("video", "v", "parent" + sequence))));
  }

  /** Each update lets the object leave the parent of the one before. */
  private void assertFoldedOnce(long head) {
    assertThat(side.left.find().map(left -> left.get("_id")))
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(2, head).boxed().map(Object.class::cast).toList());
    Document state = side.objects.find().first();
    assertThat(state).containsEntry(StateDocument.PARENTS, List.of("parent" + head));
    assertThat(side.objects.countDocuments()).isEqualTo(1);
  }

  private static void awaitFolded(Store store, long head) {
    await().until(() -> store.bounds().folded() == head);
  }

  private static boolean folds(Store store) {
    return store.shared().orElseThrow().folds();
  }

  /** The first one's clock stands still, so that it never learns that its lease is over. */
  @Test
  void twoThatThinkTheyHaveTheLeaseFoldEachOperationOnce() throws StoreException {
    ManualClock slow = new ManualClock();
    ManualClock ahead = new ManualClock();
    ahead.pass(LEASE);
    try (MongoStore one = open(slow)) {
      await().until(() -> folds(one));
      try (MongoStore other = open(ahead)) {
        await().until(() -> folds(other));
        assertThat(foldedWhile(() -> appendBy(one, other)))
            .isSorted()
            .doesNotHaveDuplicates()
            .endsWith((long) OPERATIONS);
        assertThat(folds(one) && folds(other)).isTrue();
        assertThat(side.objects.countDocuments()).isEqualTo(OPERATIONS);
      }
    }
  }

  private static void appendBy(Store one, Store other) throws StoreException {
    for (int i = 0; i < OPERATIONS; i++) {
      (i % 3 == 0 ? one : other).append(List.of(submission(update("video", "v" + i))));
    }
  }

  private interface Appends {
    void run() throws StoreException;
  }

  /** Where the fold was written to stand. */
  private List<Long> foldedWhile(Appends appends) throws StoreException {
    List<Long> places = new ArrayList<>();
    try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
        side.changes(new ObjectId()).cursor()) {
      appends.run();
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> addPlace(changes.tryNext(), places) == OPERATIONS);
    }
    return places;
  }

  /** The last place so far. */
  private static long addPlace(@Nullable ChangeStreamDocument<Document> change, List<Long> places) {
    Document written = change == null ? null : change.getFullDocument();
    if (written != null && FoldPlace.ID.equals(written.get("_id"))) {
      places.add(FoldPlace.of(written).sequence());
    }
    return places.isEmpty() ? 0 : places.getLast();
  }

  private MongoStore open(ManualClock clock) throws StoreException {
    MongoOptions options = MongoOptions.of(TestMongo.shared().uri(database)).withClock(clock);
    return MongoStore.open(options, clock::wallMillis);
  }

  /** The driver repeats it once, which comes to nothing either. */
  @Test
  void aCommitWhoseResultWasNotHeardIsFoldedOnce() throws StoreException, IOException {
    try (TcpProxy way = TcpProxy.to(TestMongo.shared().node());
        MongoStore store =
            MongoStore.open(MongoOptions.of(TestMongo.shared().uri(way, database)))) {
      append(store, 1);
      awaitFolded(store, 1);
      way.setAt("commitTransaction", Fault.DEAF);
      append(store, 2);
      await().until(() -> storedFold() == 2);
      assertThat(way.fault()).isEqualTo(Fault.DEAF);
      way.setAt("commitTransaction", Fault.REFUSED);
      way.set(Fault.NONE);
      await().until(() -> way.fault() == Fault.REFUSED);
      way.set(Fault.NONE);
      append(store, 3);
      awaitFolded(store, 3);
      assertFoldedOnce(3);
    }
  }

  private long storedFold() {
    Document fold = side.meta.find(eq("_id", FoldPlace.ID)).first();
    return fold == null ? 0 : FoldPlace.of(fold).sequence();
  }
}
