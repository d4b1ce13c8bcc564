package io.oplog.connector.mongodb;

import static io.oplog.connector.mongodb.TestDatabase.batches;
import static io.oplog.connector.mongodb.TestDatabase.document;
import static io.oplog.connector.mongodb.TestDatabase.goOn;
import static io.oplog.connector.mongodb.TestDatabase.lost;
import static io.oplog.connector.mongodb.TestDatabase.now;
import static io.oplog.connector.mongodb.TestDatabase.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.ClientSession;
import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.MongoProcess;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Going on where one was, or not. */
final class MongoSourceResumeTest {
  private static final String COLLECTION = "things";
  private static final int ONE = 1;
  private static final int ALL = 1 << 20;
  private static final Duration WAIT = Duration.ofSeconds(1);

  private final TestDatabase database = new TestDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  private static void insert(TestDatabase into, Object... ids) {
    for (Object id : ids) {
      into.collection(COLLECTION).insertOne(new Document("_id", id));
    }
  }

  private static List<Integer> ids(List<DocumentChange> changes) {
    return changes.stream().map(change -> document(change).id().asInt32().getValue()).toList();
  }

  private static List<DocumentChange> changes(List<Batch<DocumentChange>> batches) {
    return batches.stream().flatMap(batch -> batch.changes().stream()).toList();
  }

  private void insertInTransaction(Object... ids) {
    insert(database, "there"); // the collection is not to be made within
    try (ClientSession session = database.client().startSession()) {
      session.startTransaction();
      for (Object id : ids) {
        database.collection(COLLECTION).insertOne(session, new Document("_id", id));
      }
      session.commitTransaction();
    }
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
      goOn(source, batch.to());
      assertGoesOnAfterAStep(source, told.subList(read, told.size()));
    }
  }

  /** The step may be one that has nothing, where the stream begins before the position. */
  private static void assertGoesOnAfterAStep(MongoSource source, List<DocumentChange> rest)
      throws Exception {
    Optional<Batch<DocumentChange>> step = source.next(ONE, Duration.ZERO);
    if (step.isPresent()) {
      goOn(source, step.get().to());
    }
    int read = step.map(batch -> batch.changes().size()).orElse(0);
    assertThat(read(source, rest.size() - read)).isEqualTo(rest.subList(read, rest.size()));
  }

  @Test
  void theChangesOfATransactionAreCountedHoweverOftenTheyAreRead() throws Exception {
    MongoSource source = database.started(new NoFields());
    insertInTransaction(1, 2, 3, 4, 5);
    insert(database, 6);
    List<Batch<DocumentChange>> all = batches(source, 7, ONE);
    List<ChangeTime> times = changes(all).stream().map(DocumentChange::time).toList();
    assertThat(times).isSorted().doesNotHaveDuplicates();
    assertThat(times.subList(1, 6)).extracting(ChangeTime::index).containsExactly(0, 1, 2, 3, 4);
    assertGoesOnAfterEach(source, all);
  }

  @Test
  void aDocumentWhoseIdMakesATokenTooLongIsNoObstacle() throws Exception {
    String longId = "x".repeat(2000);
    MongoSource source = database.started(new NoFields());
    insertInTransaction(1, longId + 1, longId + 2, 2, longId + 3);
    insert(database, longId + 4);
    List<Batch<DocumentChange>> all = batches(source, 7, ONE);
    assertThat(changes(all)).hasSize(7);
    assertThat(all).allMatch(batch -> batch.to().length() <= 1024);
    assertThat(all).extracting(Batch::to).anyMatch(to -> to.endsWith("-"));
    assertGoesOnAfterEach(source, all);
  }

  @Test
  void aChangeAloneIsHandedOutAtOnce() throws Exception {
    MongoSource source = database.started(new NoFields());
    insert(database, 1);
    List<Batch<DocumentChange>> batches = batches(source, 1, ALL);
    assertThat(changes(batches)).hasSize(1);
    assertThat(source.backlog().seconds()).isBetween(0L, 60L);
    source.acknowledged(batches.getLast().to());
    assertThat(source.next(ALL, Duration.ZERO)).isEmpty();
    assertThat(source.backlog()).isEqualTo(Backlog.NONE);
  }

  @Test
  void whatIsNoPositionOfAChangeStreamMeansAScan() throws Exception {
    MongoSource source = database.source(new NoFields());
    ChangeTime time = new ChangeTime(1L << 32, 0);
    for (String position : List.of("nowhere", time + "-AAAA", time + "-A", "")) {
      assertThat(lost(source.seek(Optional.of(position))).reason()).contains(position);
    }
  }

  @Test
  void whatHasLeftTheServersHistoryIsScanned() throws Exception {
    try (MongoProcess server = MongoProcess.start("--oplog-max-entries", "200");
        TestDatabase small = new TestDatabase(server.uri(""))) {
      MongoSource source = small.started(new NoFields());
      insert(small, 1);
      String position = batches(source, 1, ALL).getLast().to();
      insertMany(small, 1000, 3000);
      MongoSource again = small.source(new NoFields());
      List<Integer> told = new ArrayList<>();
      String now =
          lost(again.seek(Optional.of(position)))
              .scan()
              .read(change -> told.add(document(change).id().asInt32().getValue()));
      assertThat(told).hasSize(2001);
      goOn(again, now);
      insert(small, 2);
      assertThat(ids(read(again, 1))).containsExactly(2);
    }
  }

  private static void insertMany(TestDatabase into, int from, int to) {
    for (int i = from; i < to; i += 100) {
      into.collection(COLLECTION)
          .insertMany(IntStream.range(i, i + 100).mapToObj(id -> new Document("_id", id)).toList());
    }
  }

  @Test
  void theConnectionIsCutAgainAndAgain() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(TestMongo.shared().node());
        TestDatabase far = new TestDatabase(TestMongo.shared().uri(proxy, ""))) {
      MongoSource source = far.source(database.needs(new NoFields()));
      String position = now(source);
      goOn(source, position);
      List<Integer> told = new ArrayList<>();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      for (int i = 0; i < 200; i++) {
        insert(database, i);
      }
      while (told.size() < 200) {
        assertThat(System.nanoTime()).as("in time, with " + told).isLessThan(end);
        try {
          Optional<Batch<DocumentChange>> batch = source.next(1000, WAIT);
          if (batch.isPresent()) {
            told.addAll(ids(batch.get().changes()));
            position = batch.get().to();
          }
          if (told.size() % 3 == 0) {
            proxy.cut();
          }
        } catch (IOException _) {
          goOn(source, position);
        }
      }
      assertThat(told).isEqualTo(IntStream.range(0, 200).boxed().toList());
    }
  }

  @Test
  void whereNobodyListensThatIsToldInTimeAndNothingIsReadWithoutSeekingAnew() throws Exception {
    try (TcpProxy proxy = TcpProxy.to(TestMongo.shared().node());
        TestDatabase far = new TestDatabase(TestMongo.shared().uri(proxy, ""))) {
      MongoSource source = far.source(database.needs(new NoFields()));
      String position = now(source);
      goOn(source, position);
      insert(database, 1);
      proxy.set(Fault.REFUSED);
      long begin = System.nanoTime();
      assertThatThrownBy(() -> source.next(ALL, WAIT))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(PositionLostException.class)
          .hasMessageContaining("127.0.0.1:" + proxy.port())
          .hasMessageContaining(position);
      assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
      proxy.set(Fault.NONE);
      assertThatThrownBy(() -> source.next(ALL, WAIT)).hasMessageContaining("known from where");
      goOn(source, position);
      assertThat(ids(read(source, 1))).containsExactly(1);
    }
  }

  @Test
  void whoIsInterruptedStopsAndCanGoOn() throws Exception {
    MongoSource source = database.source(new NoFields());
    String position = now(source);
    goOn(source, position);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread reader = Thread.ofPlatform().start(() -> interrupted.complete(waitsForever(source)));
    reader.interrupt();
    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    insert(database, 1);
    goOn(source, position);
    assertThat(ids(read(source, 1))).containsExactly(1);
  }

  private static boolean waitsForever(MongoSource source) {
    try {
      Optional<Batch<DocumentChange>> _ = source.next(ALL, Duration.ofDays(1));
      return false;
    } catch (InterruptedException _) {
      return !Thread.currentThread().isInterrupted();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void closingEndsWhoeverWaits() throws Exception {
    MongoSource source = database.started(new NoFields());
    CompletableFuture<Boolean> ended =
        CompletableFuture.supplyAsync(
            () -> waitsForever(source), task -> Thread.ofPlatform().start(task));
    source.close();
    assertThatThrownBy(() -> ended.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasStackTraceContaining("IOException: MongoDB at ")
        .hasStackTraceContaining(": closed");
  }
}
