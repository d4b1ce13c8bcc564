package io.oplog.connector.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.core.relay.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LanesTest {
  private static final int ALL = 1 << 20;
  private static final Conflation FLOOD =
      new Conflation(name -> name.collection().equals("flood"), _ -> false);

  private final LongAdder conflated = new LongAdder();
  private final Lanes lanes = new Lanes(FLOOD, "begin", conflated);
  private int number;

  private Document change(String collection, int id) {
    return change(collection, id, Kind.UPDATE);
  }

  private Document change(String collection, int id, Kind kind) {
    number++;
    return new Document(
        kind,
        new Namespace("app", collection),
        new BsonInt32(id),
        kind == Kind.UPDATE ? List.of("f" + number) : List.of(),
        null,
        null,
        new ChangeTime(number, 0),
        0);
  }

  private List<DocumentChange> changes(String collection, int count) {
    return new ArrayList<>(
        IntStream.range(0, count).<DocumentChange>mapToObj(id -> change(collection, id)).toList());
  }

  private void add(String to, DocumentChange... changes) {
    lanes.add(new Batch<>(List.of(changes), to));
  }

  private List<Batch<DocumentChange>> drain() {
    List<Batch<DocumentChange>> batches = new ArrayList<>();
    Optional<Batch<DocumentChange>> batch = lanes.poll(ALL);
    while (batch.isPresent()) {
      batches.add(batch.get());
      batch = lanes.poll(ALL);
    }
    assertThat(lanes.bytes()).isZero();
    return batches;
  }

  @Test
  void aChangeBehindManyOfAnotherCollectionComesWithTheFirst() {
    List<DocumentChange> changes = changes("many", 10_000);
    Document few = change("few", 1);
    changes.add(few);
    lanes.add(new Batch<>(changes, "p1"));
    Batch<DocumentChange> first = lanes.poll(ALL).orElseThrow();
    assertThat(first.changes()).contains(few).hasSizeLessThan(200);
    assertThat(first.to()).isEqualTo("begin");
  }

  @Test
  void aChangeThatComesLaterIsInTheNextBatch() {
    lanes.add(new Batch<>(changes("many", 10_000), "p1"));
    assertThat(lanes.poll(ALL)).isPresent();
    Document late = change("few", 1);
    add("p2", late);
    assertThat(lanes.poll(ALL).orElseThrow().changes()).contains(late);
  }

  @Test
  void thePositionIsOneBeforeWhichNothingWaits() {
    lanes.add(new Batch<>(changes("many", 150), "p1"));
    add("p2", change("few", 1));
    add("p3", change("many", 1));
    assertThat(drain()).extracting(Batch::to).containsExactly("begin", "p3");
  }

  @Test
  void aPositionThatMovesAloneIsHandedOutOnceAndWhenNothingBeforeItWaits() {
    lanes.add(new Batch<>(changes("many", 150), "p1"));
    add("p2");
    add("p3");
    assertThat(drain()).extracting(Batch::to).containsExactly("begin", "p3");
    add("p4");
    add("p5");
    assertThat(drain()).containsExactly(new Batch<>(List.of(), "p5"));
  }

  @Test
  void aBatchIsNoLargerThanWhatIsAskedForButHasOneChange() {
    lanes.add(new Batch<>(changes("many", 100), "p1"));
    List<DocumentChange> one = lanes.poll(1).orElseThrow().changes();
    assertThat(one).hasSize(1);
    long two = 2L * one.getFirst().bytes();
    assertThat(lanes.poll((int) two).orElseThrow().changes()).hasSize(2);
  }

  @Test
  void changesOfOneDocumentThatWaitAreToldAsOneWhereThatIsAllowed() {
    add("p1", change("flood", 1), change("flood", 2), change("flood", 1), change("other", 1));
    add("p2", change("flood", 1), change("other", 1));
    List<Batch<DocumentChange>> told = drain();
    assertThat(told).singleElement().extracting(Batch::to).isEqualTo("p2");
    assertThat(told.getFirst().changes())
        .extracting(one -> ((Document) one).fields())
        .containsExactly(List.of("f1", "f3", "f5"), List.of("f2"), List.of("f4"), List.of("f6"));
    assertThat(conflated.sum()).isEqualTo(2);
  }

  @Test
  void whatWasHandedOutTakesNoMorePart() {
    add("p1", change("flood", 1));
    assertThat(drain()).hasSize(1);
    add("p2", change("flood", 1));
    assertThat(drain()).hasSize(1);
    assertThat(conflated.sum()).isZero();
  }

  @Test
  void nothingIsJoinedOverTheEndOfACollection() {
    Gone gone = new Gone(new Namespace("app", "flood"), new ChangeTime(50, 0), 0);
    add("p1", change("flood", 1), gone, change("flood", 1), change("flood", 1));
    assertThat(drain().getFirst().changes()).hasSize(3).contains(gone);
  }

  /** Whatever is added and taken in whatever order. */
  @Test
  void eachDocumentsChangesComeInTheirOrderAndEachOnce() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<String, Integer> last = new HashMap<>();
    List<Integer> told = new ArrayList<>();
    int added = 0;
    while (told.size() < 20_000) {
      List<DocumentChange> batch = new ArrayList<>();
      for (int i = random.nextInt(200); i > 0; i--) {
        String collection = random.nextInt(10) < 8 ? "many" : "c" + random.nextInt(50);
        batch.add(change(collection, random.nextInt(10)));
        added++;
      }
      lanes.add(new Batch<>(batch, Integer.toString(added)));
      for (int i = random.nextInt(4); i > 0; i--) {
        lanes.poll(1 + random.nextInt(ALL)).ifPresent(taken -> note(taken, last, told, seed));
      }
    }
    drain().forEach(taken -> note(taken, last, told, seed));
    assertThat(told).as("seed " + seed).hasSize(added).doesNotHaveDuplicates();
  }

  private static void note(
      Batch<DocumentChange> taken, Map<String, Integer> last, List<Integer> told, long seed) {
    for (DocumentChange one : taken.changes()) {
      Document change = (Document) one;
      int order = (int) change.time().clusterTime();
      String document = change.namespace() + "/" + change.id();
      assertThat(last.getOrDefault(document, 0)).as("seed " + seed).isLessThan(order);
      last.put(document, order);
      told.add(order);
    }
    if (!taken.to().equals("begin")) {
      int position = Integer.parseInt(taken.to());
      long before = told.stream().filter(order -> order <= position).count();
      assertThat(before).as("seed " + seed).isEqualTo(position);
    }
  }

  @Test
  void memoryIsCountedOfWhatWaitsAndOfWhatItGrowsTo() {
    Document change = change("flood", 1, Kind.INSERT);
    Document newer = change("flood", 1);
    add("p1", change);
    assertThat(lanes.bytes()).isEqualTo(change.bytes());
    add("p2", newer);
    assertThat(lanes.bytes()).isEqualTo(FLOOD.of(change, newer).orElseThrow().bytes());
    assertThat(drain()).hasSize(1);
  }

  @Test
  void memoryIsCountedOfIdsAndOfNames() {
    String large = "x".repeat(30_000);
    List<BsonValue> ids =
        List.of(
            new BsonString(large),
            new BsonBinary(new byte[30_000]),
            RawBsonDocument.parse("{a: '" + large + "'}"));
    for (BsonValue id : ids) {
      assertThat(of(id, List.of(), null).bytes()).isGreaterThan(30_000);
    }
    BsonInt32 id = new BsonInt32(1);
    BsonDocument names = new BsonDocument(large, BsonNull.VALUE);
    assertThat(of(id, List.of(large, large), null).bytes()).isGreaterThan(60_000);
    assertThat(of(id, List.of(), names).bytes()).isGreaterThan(30_000);
  }

  private static Document of(BsonValue id, List<String> fields, @Nullable BsonDocument document) {
    Namespace namespace = new Namespace("app", "many");
    ChangeTime time = new ChangeTime(1, 0);
    return new Document(Kind.UPDATE, namespace, id, fields, document, null, time, 0);
  }
}
