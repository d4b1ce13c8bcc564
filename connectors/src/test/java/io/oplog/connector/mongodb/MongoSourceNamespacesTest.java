package io.oplog.connector.mongodb;

import static io.oplog.connector.mongodb.TestDatabase.batches;
import static io.oplog.connector.mongodb.TestDatabase.begun;
import static io.oplog.connector.mongodb.TestDatabase.lost;
import static io.oplog.connector.mongodb.TestDatabase.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoNamespace;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.Namespace;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.testkit.mongodb.TestMongo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of which collections a source tells, and what happens to collections. */
final class MongoSourceNamespacesTest {
  private static final int ALL = 1 << 20;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final TestDatabase database = new TestDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  private MongoSourceOptions options(String... collections) {
    DocumentNeeds needs =
        new DocumentNeeds(database.filter(collections), _ -> new NoFields(), false);
    return MongoSourceOptions.of(TestMongo.shared().uri(""), needs, database.name);
  }

  private MongoSource source(String... collections) throws Exception {
    return begun(database.source(options(collections)));
  }

  private void insert(String... collections) {
    for (String collection : collections) {
      database.collection(collection).insertOne(new Document());
    }
  }

  private static List<String> collections(List<DocumentChange> changes) {
    return changes.stream().map(change -> change.namespace().collection()).toList();
  }

  @Test
  void theFirstChoiceThatMatchesDecides() throws Exception {
    MongoSource source = source("app.k*p", "!app.*", "*", "!never");
    insert("app.keep", "app.drop", "app+keep", "other", "appXkeep", "never", "app.kp");
    assertThat(collections(read(source, 6)))
        .containsExactly("app.keep", "app+keep", "other", "appXkeep", "never", "app.kp");
  }

  @Test
  void otherDatabasesAndWhatTheServerHasForItselfAreLeftOut() throws Exception {
    MongoSource source = source("*");
    try (TestDatabase other = new TestDatabase()) {
      other.collection("x").insertOne(new Document());
    }
    database.database().createView("seen", "x", List.of()); // in system.views
    insert("x");
    assertThat(collections(read(source, 1))).containsExactly("x");
  }

  /** Otherwise what was read would be read again after a restart, and be lost one day. */
  @Test
  void thePositionMovesOnWhereNothingIsWanted() throws Exception {
    MongoSource source = database.source(options("wanted"));
    String begin = TestDatabase.now(source);
    TestDatabase.goOn(source, begin);
    insert("other");
    Batch<DocumentChange> moved = source.next(ALL, WAIT).orElseThrow();
    assertThat(moved.changes()).isEmpty();
    assertThat(moved.to()).isNotEqualTo(begin);
    insert("wanted");
    TestDatabase.goOn(source, moved.to());
    assertThat(collections(read(source, 1))).containsExactly("wanted");
  }

  @Test
  void aDroppedCollectionIsGone() throws Exception {
    insert("x", "y");
    MongoSource source = source("x");
    database.collection("y").drop();
    database.collection("x").drop();
    insert("x");
    List<DocumentChange> changes = read(source, 2);
    assertThat(changes.getFirst()).isInstanceOf(Gone.class);
    assertThat(collections(changes)).containsExactly("x", "x");
  }

  @Test
  void aRenamedCollectionIsGoneUnderBothNamesAsFarAsTheyAreWanted() throws Exception {
    insert("x");
    MongoSource source = source("*", "!hidden");
    MongoSource some = source("!hidden", "*");
    database.collection("x").renameCollection(new MongoNamespace(database.name, "hidden"));
    database.collection("hidden").renameCollection(new MongoNamespace(database.name, "z"));
    List<DocumentChange> all = read(source, 4);
    assertThat(all).allMatch(change -> change instanceof Gone);
    assertThat(collections(all)).containsExactly("x", "hidden", "hidden", "z");
    assertThat(all).extracting(DocumentChange::time).isSorted().doesNotHaveDuplicates();
    assertThat(collections(read(some, 2))).containsExactly("x", "z");
  }

  @Test
  void aDroppedDatabaseIsGoneThoughSomeOfItIsNotWanted() throws Exception {
    insert("x", "hidden");
    MongoSource source = source("!hidden*", "x*");
    database.database().drop();
    List<Batch<DocumentChange>> batches = batches(source, 2, ALL);
    List<DocumentChange> changes =
        batches.stream().flatMap(batch -> batch.changes().stream()).toList();
    assertThat(changes).allMatch(change -> change instanceof Gone);
    assertThat(changes)
        .extracting(DocumentChange::namespace)
        .containsExactly(database.namespace("x"), new Namespace(database.name, ""));
  }

  @Test
  void aWatchedCollectionThatIsDroppedIsScannedAfterItsLastChange() throws Exception {
    insert("x", "y");
    Watch watch = new Watch.Collection(database.namespace("x"));
    MongoSource source = database.source(options("*").withWatch(watch));
    String begin = TestDatabase.now(source);
    insert("y", "x");
    database.collection("x").drop();
    String last = lastPosition(source, begin, 1);
    assertThat(lastPosition(source, begin, ALL)).as("not after the stream's end").isEqualTo(last);
    assertThatThrownBy(() -> source.next(ALL, WAIT)).isInstanceOf(PositionLostException.class);
    insert("x", "y");
    String now = lost(source.seek(Optional.of(last))).scan().read(_ -> {});
    TestDatabase.goOn(source, now);
    insert("x");
    assertThat(collections(read(source, 1))).containsExactly("x");
  }

  /** After an insert and the drop. */
  private static String lastPosition(MongoSource source, String begin, int maxBytes)
      throws Exception {
    TestDatabase.goOn(source, begin);
    return batches(source, 2, maxBytes).getLast().to();
  }

  @Test
  void aWatchedDatabaseIsReadAlone() throws Exception {
    Watch watch = new Watch.Database(database.name);
    MongoSource source = begun(database.source(options("*", "!nothing").withWatch(watch)));
    insert("x", "y");
    assertThat(collections(read(source, 2))).containsExactly("x", "y");
  }
}
