package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Updates.inc;
import static io.oplog.connector.mongodb.TestDatabase.document;
import static io.oplog.connector.mongodb.TestDatabase.goOn;
import static io.oplog.connector.mongodb.TestDatabase.lost;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.ReplaceOptions;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.AllFields;
import io.oplog.connector.document.DocumentNeeds.FieldNames;
import io.oplog.connector.document.DocumentNeeds.SomeFields;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Scan;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Everything there is, and what comes after it. */
final class MongoSourceScanTest {
  private static final String COLLECTION = "things";
  private static final int IDS = 50;

  private final TestDatabase database = new TestDatabase();
  private final MongoCollection<Document> things = database.collection(COLLECTION);

  @AfterEach
  void close() {
    database.close();
  }

  private static Scan<DocumentChange> scan(MongoSource source) throws Exception {
    return lost(source.seek(Optional.empty())).scan();
  }

  private static List<DocumentChange> told(MongoSource source) throws Exception {
    List<DocumentChange> told = new ArrayList<>();
    String _ = scan(source).read(told::add);
    return told;
  }

  @Test
  void everyDocumentOfWhatIsWantedIsAnInsert() throws Exception {
    things.insertMany(List.of(Document.parse("{_id: 1, a: {b: 2, c: 3}, d: 4}"), new Document()));
    database.collection("other").insertOne(new Document("_id", 2));
    database.collection("hidden").insertOne(new Document("_id", 3));
    database.database().createView("seen", COLLECTION, List.of());
    MongoSource source =
        database.source(
            new DocumentNeeds(
                database.filter("!hidden", "*"), _ -> new SomeFields(Set.of("a.b")), false));
    Scan<DocumentChange> scan = scan(source);
    List<DocumentChange> told = new ArrayList<>();
    String position = scan.read(told::add);
    assertThat(told)
        .extracting(change -> change.namespace().collection())
        .containsExactlyInAnyOrder(COLLECTION, COLLECTION, "other");
    assertThat(told)
        .allMatch(change -> document(change).kind() == Kind.INSERT)
        .allMatch(change -> change.millis() == scan.beginsAtMillis())
        .anyMatch(change ->
            BsonDocument.parse("{_id: 1, a: {b: 2}}").equals(document(change).document()));
    things.updateOne(eq("_id", 1), inc("d", 1));
    goOn(source, position);
    DocumentChange next = TestDatabase.read(source, 1).getFirst();
    assertThat(told).allMatch(change -> change.time().compareTo(next.time()) < 0);
  }

  @Test
  void theNamesOfFieldsAreToldAsInChanges() throws Exception {
    things.insertOne(Document.parse("{_id: 1, a: {b: 2}}"));
    assertThat(told(database.source(new FieldNames())))
        .extracting(change -> document(change).document())
        .containsExactly(BsonDocument.parse("{_id: null, a: null}"));
  }

  @Test
  void aCursorThatIsLostLosesNothing() throws Exception {
    String fill = "x".repeat(20_000);
    List<Object> ids = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ids.addAll(List.of(i, "s" + i, new ObjectId()));
    }
    things.insertMany(
        ids.stream().map(id -> new Document("_id", id).append("fill", fill)).toList());
    try (TcpProxy proxy = TcpProxy.to(TestMongo.shared().node());
        TestDatabase far = new TestDatabase(TestMongo.shared().uri(proxy, ""))) {
      List<BsonValue> told = new ArrayList<>();
      String _ =
          scan(far.source(database.needs(new AllFields())))
              .read(change -> {
                told.add(document(change).id());
                if (told.size() == 50 || told.size() == 700) {
                  proxy.cut();
                }
              });
      assertThat(told).hasSize(1500).doesNotHaveDuplicates();
    }
  }

  /** A writer that a scan and the changes after it must come to agree with. */
  private void write(Random random, int count) {
    for (int i = 0; i < count; i++) {
      int id = random.nextInt(IDS);
      switch (random.nextInt(5)) {
        case 0 -> things.deleteOne(eq("_id", id));
        case 1 ->
            things.replaceOne(
                eq("_id", id),
                new Document("r", random.nextInt()),
                new ReplaceOptions().upsert(true));
        case 2 -> transfer(id, random.nextInt(IDS));
        default -> things.updateOne(eq("_id", id), inc("n", 1));
      }
    }
  }

  private void transfer(int from, int to) {
    try (ClientSession session = database.client().startSession()) {
      session.startTransaction();
      things.updateOne(session, eq("_id", from), inc("n", -1));
      things.updateOne(session, eq("_id", to), inc("n", 1));
      session.commitTransaction();
    }
  }

  @Test
  void aScanAndTheChangesAfterItAgreeWithAWriter() throws Exception {
    long seed = Long.getLong("oplog.seed", System.nanoTime());
    System.out.println("seed " + seed);
    things.insertMany(IntStream.range(0, IDS).mapToObj(id -> new Document("_id", id)).toList());
    AtomicBoolean stopped = new AtomicBoolean();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(() -> writeUntil(stopped, new Random(seed)));
    MongoSource source = database.source(new AllFields());
    Map<BsonValue, BsonDocument> copy = new HashMap<>();
    String position = scan(source).read(change -> apply(copy, change));
    goOn(source, position);
    for (int i = 0; i < 20; i++) {
      List<Batch<DocumentChange>> batches = TestDatabase.batches(source, 1, 2000);
      batches.forEach(batch -> batch.changes().forEach(change -> apply(copy, change)));
      goOn(source, batches.getLast().to());
    }
    stopped.set(true);
    writer.get(30, TimeUnit.SECONDS);
    things.insertOne(new Document("_id", -1));
    applyTo(copy, source);
    assertThat(copy).as("seed " + seed).isEqualTo(everything());
  }

  private void writeUntil(AtomicBoolean stopped, Random random) {
    while (!stopped.get()) {
      write(random, 10);
    }
  }

  private static void applyTo(Map<BsonValue, BsonDocument> copy, MongoSource source)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!copy.containsKey(new BsonInt32(-1)) && System.nanoTime() < end) {
      source
          .next(1 << 20, Duration.ofSeconds(1))
          .ifPresent(batch -> batch.changes().forEach(change -> apply(copy, change)));
    }
  }

  private static void apply(Map<BsonValue, BsonDocument> copy, DocumentChange change) {
    DocumentChange.Document one = document(change);
    if (one.document() == null) {
      copy.remove(one.id());
    } else {
      copy.put(one.id(), one.document());
    }
  }

  private Map<BsonValue, BsonDocument> everything() {
    Map<BsonValue, BsonDocument> all = new HashMap<>();
    for (BsonDocument document : things.find(BsonDocument.class)) {
      all.put(document.get("_id"), document);
    }
    return all;
  }
}
