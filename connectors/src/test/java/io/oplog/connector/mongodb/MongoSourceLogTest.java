package io.oplog.connector.mongodb;

import static io.oplog.connector.mongodb.TestDatabase.batches;
import static io.oplog.connector.mongodb.TestDatabase.begun;
import static io.oplog.connector.mongodb.TestDatabase.document;
import static io.oplog.connector.mongodb.TestDatabase.goOn;
import static io.oplog.connector.mongodb.TestDatabase.lost;
import static io.oplog.connector.mongodb.TestDatabase.now;
import static io.oplog.connector.mongodb.TestDatabase.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.WriteConcern;
import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.DocumentNeeds.AllFields;
import io.oplog.connector.document.DocumentNeeds.Fields;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.DocumentNeeds.SomeFields;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.core.relay.Start;
import io.oplog.testkit.mongodb.MongoProcess;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** MongoDB's oplog read entry by entry, from a collection with entries as mongod writes them. */
final class MongoSourceLogTest {
  private static final int ONE = 1;
  private static final int ALL = 1 << 20;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final TestDatabase database = new TestDatabase();
  private final TestLog log = new TestLog(database);

  @AfterEach
  void close() {
    database.close();
  }

  private MongoSource source(Fields fields) {
    return log.source(TestMongo.shared().uri(""), fields);
  }

  private MongoSource started() throws Exception {
    return begun(source(new NoFields()));
  }

  private static List<DocumentChange> changes(List<Batch<DocumentChange>> batches) {
    return batches.stream().flatMap(batch -> batch.changes().stream()).toList();
  }

  private static List<Integer> ids(List<DocumentChange> changes) {
    return changes.stream().map(change -> document(change).id().asInt32().getValue()).toList();
  }

  private static List<ChangeTime> times(List<DocumentChange> changes) {
    return changes.stream().map(DocumentChange::time).toList();
  }

  private static ChangeTime at(int second, int index) {
    return new ChangeTime(((long) second << 32) + 1, index);
  }

  /** Whoever goes on after any of them gets the others, with the same times. */
  private static void assertGoesOnAfterEach(MongoSource source, List<Batch<DocumentChange>> all)
      throws Exception {
    List<DocumentChange> told = changes(all);
    int read = 0;
    for (Batch<DocumentChange> batch : all) {
      read += batch.changes().size();
      goOn(source, batch.to());
      assertThat(read(source, told.size() - read)).isEqualTo(told.subList(read, told.size()));
    }
    assertThat(source.next(ALL, Duration.ZERO).map(Batch::changes).orElse(List.of())).isEmpty();
  }

  @Test
  void entriesAreToldAsTheyCome() throws Exception {
    MongoSource source = started();
    log.insert(1);
    assertThat(ids(read(source, 1))).containsExactly(1);
    log.append(log.document("u", "o: {$v: 2, diff: {u: {a: 1}, sb: {i: {c: 1}}}}, o2: {_id: 1}"));
    log.append(log.document("u", "o: {_id: 1, z: 1}, o2: {_id: 1}"));
    log.append("op: 'n', ns: '', o: {msg: 'periodic noop'}");
    log.append(log.document("d", "o: {_id: 1}"));
    log.append("op: 'c', ns: '" + database.name + ".$cmd', o: {drop: 'things'}");
    List<DocumentChange> changes = read(source, 4);
    assertThat(changes.subList(0, 3))
        .extracting(change -> document(change).kind())
        .containsExactly(Kind.UPDATE, Kind.REPLACE, Kind.DELETE);
    assertThat(document(changes.getFirst()).fields()).containsExactly("a", "b.c");
    assertThat(changes.getLast()).isInstanceOf(Gone.class);
    assertThat(times(changes)).containsExactly(at(103, 0), at(104, 0), at(106, 0), at(107, 0));
  }

  @Test
  void whoDoesNotWaitGetsWhatIsThere() throws Exception {
    MongoSource source = started();
    log.insert(1);
    goOn(source, batches(source, 1, ALL).getLast().to());
    log.insert(2);
    Batch<DocumentChange> batch = source.next(ALL, Duration.ZERO).orElseThrow();
    assertThat(ids(batch.changes())).containsExactly(2);
  }

  @Test
  void afterAnyPositionItGoesOnAlsoWithinATransaction() throws Exception {
    MongoSource source = started();
    log.insert(1);
    log.transaction(1, 0, "", 2, 3, 4);
    log.insert(5);
    List<Batch<DocumentChange>> all = batches(source, 5, ONE);
    assertThat(all).hasSize(5);
    assertThat(times(changes(all)))
        .containsExactly(at(102, 0), at(103, 0), at(103, 1), at(103, 2), at(104, 0));
    assertThat(all).extracting(Batch::to).allMatch(to -> to.matches("[0-9a-f]{24}-"));
    assertGoesOnAfterEach(source, all);
  }

  @Test
  void aTransactionOfManyEntriesIsToldAtItsCommit() throws Exception {
    MongoSource source = started();
    int first = log.transaction(1, 0, ", partialTxn: true", 1, 2);
    log.insert(3);
    int second = log.transaction(1, first, ", partialTxn: true", 4);
    int last = log.transaction(1, second, ", count: 4", 5);
    log.insert(6);
    List<Batch<DocumentChange>> all = batches(source, 6, ONE);
    assertThat(ids(changes(all))).containsExactly(3, 1, 2, 4, 5, 6);
    assertThat(times(changes(all)).subList(1, 5))
        .containsExactly(at(last, 0), at(last, 1), at(last, 2), at(last, 3));
    assertGoesOnAfterEach(source, all);
  }

  @Test
  void aPreparedTransactionIsToldAtItsCommitAndOneThatIsAbortedNever() throws Exception {
    MongoSource source = started();
    int prepared = log.transaction(1, 0, ", prepare: true", 1, 2);
    int other = log.transaction(2, 0, ", prepare: true", 7);
    log.insert(3);
    log.transaction(2, other, "{abortTransaction: 1}");
    int commit =
        log.transaction(
            1, prepared, "{commitTransaction: 1, commitTimestamp: " + TestLog.time(9) + "}");
    log.insert(4);
    List<Batch<DocumentChange>> all = batches(source, 4, ONE);
    assertThat(ids(changes(all))).containsExactly(3, 1, 2, 4);
    assertThat(times(changes(all)).subList(1, 3)).containsExactly(at(commit, 0), at(commit, 1));
    assertGoesOnAfterEach(source, all);
  }

  @Test
  void aTransactionWhoseBeginningIsGoneIsALostPositionAfterWhatWasBefore() throws Exception {
    MongoSource source = started();
    log.insert(1);
    log.transaction(1, 50, "", 2);
    List<Batch<DocumentChange>> before = batches(source, 1, ALL);
    assertThat(ids(changes(before))).containsExactly(1);
    assertThatThrownBy(() -> source.next(ALL, WAIT))
        .isInstanceOf(PositionLostException.class)
        .hasMessageContaining("beginning of a transaction");
    String now = lost(source.seek(Optional.of(before.getLast().to()))).scan().read(_ -> {});
    goOn(source, now);
    log.insert(3);
    assertThat(ids(read(source, 1))).containsExactly(3);
  }

  /** Else it would be sought, and lost, for ever. */
  @Test
  void aPositionOfAChangeStreamIsLostUnderItsOwnName() throws Exception {
    MongoSource source = source(new NoFields());
    String position = at(101, 0) + "-gmP7_w";
    goOn(source, position);
    log.transaction(1, 50, "", 2);
    assertThatThrownBy(() -> source.next(ALL, WAIT)).isInstanceOf(PositionLostException.class);
    assertThat(lost(source.seek(Optional.of(position))).reason()).contains(position);
  }

  @Test
  void whatCannotBeReadStandsBehindWhatCould() throws Exception {
    MongoSource source = started();
    log.insert(1);
    log.append(log.document("u", "o: {$v: 9, diff: {}}, o2: {_id: 1}"));
    String position = batches(source, 1, ALL).getLast().to();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> source.next(ALL, WAIT))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(PositionLostException.class)
          .hasMessageContaining("version 9")
          .hasMessageContaining(at(103, 0).toString());
      goOn(source, position);
    }
  }

  @Test
  void documentsAreInTheirEntriesAndThoseThatWereUpdatedAreLookedUp() throws Exception {
    database.collection("things").insertOne(Document.parse("{_id: 1, a: 5, b: 6}"));
    MongoSource source = begun(source(new SomeFields(Set.of("a"))));
    log.append(log.document("i", "o: {_id: 1, a: 1, b: 1}"));
    log.append(log.document("u", "o: {$v: 2, diff: {u: {b: 1}}}, o2: {_id: 1}"));
    log.append(log.document("u", "o: {$v: 2, diff: {u: {b: 1}}}, o2: {_id: 2}"));
    assertThat(read(source, 3))
        .extracting(change -> document(change).document())
        .containsExactly(
            BsonDocument.parse("{_id: 1, a: 1, b: 1}"), BsonDocument.parse("{_id: 1, a: 5}"), null);
  }

  @Test
  void aScanHasWhatIsThereAndItsPositionIsTheNewestEntry() throws Exception {
    database.collection("things").insertOne(Document.parse("{_id: 1}"));
    log.insert(1);
    log.transaction(1, 0, "", 2, 3);
    MongoSource source = source(new AllFields());
    List<DocumentChange> told = new ArrayList<>();
    Start.Lost<DocumentChange> start = lost(source.seek(Optional.empty()));
    String position = start.scan().read(told::add);
    assertThat(ids(told)).containsExactly(1);
    goOn(source, position);
    log.insert(4);
    assertThat(ids(read(source, 1))).containsExactly(4);
  }

  /** Otherwise what was read would be read again after a restart, and be lost one day. */
  @Test
  void thePositionMovesOnWhereNothingIsWanted() throws Exception {
    MongoSource source = source(new NoFields());
    String begin = now(source);
    goOn(source, begin);
    log.append("op: 'i', ns: 'other.things', o: {_id: 1}");
    int last = log.append("op: 'n', ns: '', o: {msg: 'periodic noop'}");
    String moved = moved(source);
    assertThat(moved).isEqualTo(at(last, 0) + "-");
    log.insert(1);
    goOn(source, moved);
    assertThat(ids(read(source, 1))).containsExactly(1);
  }

  private static String moved(MongoSource source) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    Optional<Batch<DocumentChange>> moved = Optional.empty();
    while (moved.isEmpty() && System.nanoTime() < end) {
      moved = source.next(ALL, WAIT);
    }
    assertThat(moved.orElseThrow().changes()).isEmpty();
    return moved.get().to();
  }

  @Test
  void aPositionWhoseEntryIsOverwrittenIsLost() throws Exception {
    MongoSource source = source(new NoFields());
    String position = now(source);
    log.overwrite();
    assertThat(lost(source.seek(Optional.of(position))).reason()).contains(position);
  }

  /** As where a database was set back to what it was, and has gone on since. */
  @Test
  void aPositionWhoseEntryIsMissingBetweenOthersIsLost() throws Exception {
    MongoSource source = source(new NoFields());
    log.insert(1);
    String missing = new ChangeTime((101L << 32) + 7, 0) + "-";
    assertThat(lost(source.seek(Optional.of(missing))).reason()).contains(missing);
  }

  @Test
  void aReaderThatIsOvertakenIsToldSo() throws Exception {
    MongoSource source = started();
    log.insert(1);
    String position = batches(source, 1, ALL).getLast().to();
    log.overwrite();
    log.insert(2);
    assertThatThrownBy(() -> source.next(ALL, WAIT)).isInstanceOf(PositionLostException.class);
    String now = lost(source.seek(Optional.of(position))).scan().skip();
    goOn(source, now);
    log.insert(3);
    assertThat(ids(read(source, 1))).containsExactly(3);
  }

  @Test
  void aLogThatIsDroppedEndsTheReadingAndIsALostPosition() throws Exception {
    MongoSource source = started();
    log.insert(1);
    String position = batches(source, 1, ALL).getLast().to();
    log.drop();
    log.create();
    log.insert(2);
    assertThatThrownBy(() -> source.next(ALL, WAIT)).isInstanceOf(IOException.class);
    Start<DocumentChange> start = source.seek(Optional.of(position));
    assertThat(lost(start).reason()).contains(position);
  }

  @Test
  void aLogWithoutAnEntryHasNoPosition() {
    log.drop();
    log.create();
    assertThatThrownBy(() -> now(source(new NoFields())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("empty");
  }

  /** Of its own log, since the stand-in forgets which collections are capped. */
  @Test
  void aDatabaseThatComesBackIsReadOn() throws Exception {
    try (MongoProcess server = MongoProcess.start();
        TestDatabase other = new TestDatabase(server.uri(""))) {
      MongoSource source =
          begun(
              other.source(
                  MongoSourceOptions.of(server.uri(""), other.needs(new NoFields()), "")
                      .withReading(new Reading.Log())));
      var things =
          other
              .collection("things")
              .withWriteConcern(WriteConcern.MAJORITY.withJournal(true)); // else it may forget
      things.insertOne(new Document("_id", 1));
      String position = batches(source, 1, ALL).getLast().to();
      things.insertOne(new Document("_id", 2));
      server.kill();
      assertThatThrownBy(() -> batches(source, 2, ALL))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(PositionLostException.class);
      server.restart();
      goOn(source, position);
      assertThat(ids(read(source, 1))).containsExactly(2);
      assertThat(things.countDocuments()).isEqualTo(2);
    }
  }
}
