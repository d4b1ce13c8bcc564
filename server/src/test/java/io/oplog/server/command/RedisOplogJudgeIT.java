package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.oplog.testkit.mongodb.TestMongo;
import io.oplog.testkit.redis.RedisProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether what {@code oplog relay} publishes is what redis-oplog needs: a process of Node's follows
 * redis-oplog's rules, and must end with what the database has.
 */
@Timeout(300)
class RedisOplogJudgeIT {
  private static final String READY = "ready";
  private static final int WRITES = Integer.getInteger("oplog.judgedWrites", 400);
  private static final int WRITERS = 2;

  /** What must have happened for the comparison to tell anything. */
  private static final List<String> DRIVEN =
      List.of(
          "plain: added",
          "plain: changed",
          "plain: removed",
          "by ids: added",
          "by ids: changed",
          "by ids: removed",
          "limit and sort: added",
          "limit and sort: added by id",
          "limit and sort: changed",
          "limit and sort: removed",
          "limit and sort: queried again",
          "limit and sort: changed without a query");

  @TempDir Path folder;
  private final long seed = Long.getLong("oplog.seed", System.nanoTime() & 0xffff_ffffL);
  private final String name = "judge" + Long.toHexString(seed);
  private final String mongodb = TestMongo.shared().uri(name);
  private final List<AutoCloseable> open = new ArrayList<>();
  private MongoClient client;
  private RedisProcess redis;
  private RedisOplogJudge judge;
  private List<RandomWriter> writers;
  private int markers;

  @BeforeEach
  void start() throws IOException {
    System.out.printf("RedisOplogJudgeIT seed %d%n", seed);
    client = opened(MongoClients.create(mongodb));
    redis = opened(RedisProcess.start());
    judge = opened(RedisOplogJudge.start(folder));
    judge.connect(mongodb, name, redis.uri(), name + ".", Judged.whole());
    judge.listen(READY);
    writers =
        IntStream.range(0, WRITERS)
            .mapToObj(i -> new RandomWriter(client, name, "writer" + i + "-", seed + i))
            .toList();
  }

  @AfterEach
  void close() throws Exception {
    client.getDatabase(name).drop();
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T opened(T one) {
    open.add(one);
    return one;
  }

  private OplogProcess relay() throws IOException {
    String whole =
        Judged.whole().stream().map(one -> name + "." + one).collect(Collectors.joining(","));
    return opened(
        OplogProcess.command(
                folder,
                "relay",
                "--from",
                mongodb,
                "--to",
                redis.uri(),
                "--include",
                name,
                "--documents",
                whole)
            .start());
  }

  @Test
  void whatIsObservedIsWhatTheDatabaseHasThoughTheRelayIsKilled() throws Exception {
    final OplogProcess relay = relay();
    awaitRelaying();
    writers.getFirst().write(WRITES / 4, Judged.ALL);
    observeAll();

    writeAll().join();
    awaitQuiet();
    requireEqual(judge.compare());

    int before = written();
    CompletableFuture<Void> writing = writeAll();
    OplogProcess.await(() -> written() >= before + WRITES / 3);
    relay.kill();
    OplogProcess.await(() -> written() >= before + WRITES * 2 / 3);
    relay();
    writing.join();
    awaitQuiet();
    Document verdict = judge.compare();
    System.out.println("judged: " + verdict.toJson());
    requireEqual(verdict);
    changeOrders();
    assertThat(verdict.get("tallies", Document.class)).containsKeys(DRIVEN.toArray(String[]::new));
  }

  /** One change at a time: no other one makes observers query again that should by this one. */
  private void changeOrders() throws IOException {
    for (OrderChange change : OrderChange.ALL) {
      for (Judged collection : Judged.ALL) {
        if (!collection.comesAgain()) {
          change.apply(client.getDatabase(name).getCollection(collection.name()));
        }
      }
      awaitQuiet();
      requireEqual(judge.compare());
    }
  }

  private void observeAll() throws IOException {
    for (Judged collection : Judged.ALL) {
      for (String query : collection.queries()) {
        judge.observe(collection.name(), query);
      }
    }
  }

  private int written() {
    return writers.stream().mapToInt(RandomWriter::written).sum();
  }

  private CompletableFuture<Void> writeAll() {
    return CompletableFuture.allOf(
        writers.stream()
            .map(one -> CompletableFuture.runAsync(() -> one.write(WRITES / WRITERS, Judged.ALL)))
            .toArray(CompletableFuture[]::new));
  }

  /** A relay that was never here before begins at the end, so the first ones may go unheard. */
  private void awaitRelaying() {
    List<String> marks = new ArrayList<>();
    OplogProcess.await(() -> {
      marks.add(mark(READY));
      return marks.stream().anyMatch(one -> hasSeen(READY, one));
    });
  }

  /**
   * All that was written before is heard when a document is that is written after it. It is of a
   * collection that nobody observes, for a message that makes observers query again covers up for
   * those before it that should have.
   */
  private void awaitQuiet() {
    String last = mark(READY);
    while (!hasSeen(READY, last)) {
      awaitMore(last, messages());
    }
  }

  /** However slowly they are worked off, which takes several queries each. */
  private void awaitMore(String last, int than) {
    OplogProcess.await(() -> hasSeen(READY, last) || messages() > than);
  }

  private String mark(String collection) {
    String id = "marker" + markers++;
    MongoDatabase database = client.getDatabase(name);
    database.getCollection(collection).insertOne(new Document("_id", id));
    return id;
  }

  private boolean hasSeen(String collection, String id) {
    try {
      return judge.hasSeen(collection, id);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private int messages() {
    try {
      return judge.messages();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void requireEqual(Document verdict) {
    assertThat(verdict.getList("faults", String.class)).as("faults").isEmpty();
    assertThat(verdict.getList("differences", Document.class)).as("differences").isEmpty();
    assertThat(verdict.getInteger("documents")).isPositive();
  }
}
