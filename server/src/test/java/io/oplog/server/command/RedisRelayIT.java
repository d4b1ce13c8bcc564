package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.ChangeStreamPreAndPostImagesOptions;
import com.mongodb.client.model.CreateCollectionOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import io.oplog.testkit.redis.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code oplog relay} as processes between MongoDB and Redis. */
@Timeout(300)
class RedisRelayIT {
  private static final int TROUBLES = Integer.getInteger("oplog.relayTroubles", 8);
  private static final String BEGUN = "Changes are passed on to";

  private static final List<Fault> FAULTS =
      List.of(Fault.REFUSED, Fault.STALLED, Fault.BLACK_HOLE, Fault.DEAF);

  @TempDir Path folder;
  private final String one = "one-" + UUID.randomUUID();
  private final String other = "other-" + UUID.randomUUID();
  private final ReadWriteLock transactions = new ReentrantReadWriteLock();
  private Processes processes;
  private MongoClient mongo;
  private RedisProcess redis;
  private RedisListener listener;

  @BeforeEach
  void open() {
    mongo = MongoClients.create(TestMongo.shared().uri(one));
    redis = RedisProcess.start();
    listener = new RedisListener(redis.uri());
    processes = new Processes(folder);
  }

  @AfterEach
  void close() {
    processes.close();
    listener.close();
    redis.close();
    mongo.getDatabase(one).drop();
    mongo.getDatabase(other).drop();
    mongo.close();
  }

  private TcpProxy toRedis() throws IOException {
    return TcpProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port()));
  }

  private static String uri(TcpProxy toRedis) {
    return "redis://127.0.0.1:" + toRedis.port();
  }

  private List<DocumentWriter> writers(long seed) {
    List<String> shared =
        Stream.of(one, other).flatMap(name -> Stream.of(name + ".users", name + ".a.b")).toList();
    for (String name : List.of(one, other)) {
      mongo.getDatabase(name).createCollection("users");
      mongo.getDatabase(name).createCollection("a.b");
    }
    return IntStream.range(0, 3)
        .mapToObj(i ->
            new DocumentWriter(
                mongo,
                i,
                shared,
                List.of(one + ".own" + i, one + ".moved" + i),
                transactions,
                seed + i))
        .toList();
  }

  /** A copy of the relay, and its way to Redis. */
  private final class Copy {
    private final String from;
    private final TcpProxy to;
    private OplogProcess process;

    Copy(TcpProxy from, TcpProxy to) throws IOException {
      this.from = TestMongo.shared().uri(from, one);
      this.to = to;
      this.process = started();
    }

    private OplogProcess started() throws IOException {
      return processes.listening(from, uri(to), "--include", one + "," + other);
    }

    void restart() throws IOException {
      process = started();
    }
  }

  @Test
  void copiesPublishEachChangeOnceAndInOrderWhoeverIsKilledOrCutOff() throws Exception {
    long seed = Long.getLong("oplog.seed", System.nanoTime() & 0xffff_ffffL);
    System.out.printf("RedisRelayIT seed %d%n", seed);
    Random random = new Random(seed);
    try (TcpProxy from = TcpProxy.to(TestMongo.shared().node());
        TcpProxy to = toRedis();
        TcpProxy too = toRedis();
        DocumentWriters writers = new DocumentWriters(writers(seed))) {
      List<Copy> copies = List.of(new Copy(from, to), new Copy(from, too));
      OplogProcess.await(() -> copies.stream().anyMatch(copy -> isBegun(copy)));
      for (int i = 0; i < TROUBLES; i++) {
        writers.begin(random.nextInt(200));
        Copy copy = copies.get(random.nextInt(2));
        switch (random.nextInt(6)) {
          case 0, 1 -> {
            copy.process.kill();
            writers.await();
            copy.restart();
          }
          case 2 -> {
            copies.forEach(each -> each.process.kill());
            writers.await();
            for (Copy each : copies) {
              each.restart();
            }
          }
          case 3 -> {
            copy.process.freeze();
            writers.await();
            copy.process.thaw();
          }
          case 4 -> List.of(from, to, too).forEach(TcpProxy::cut);
          default -> {
            TcpProxy way = List.of(from, to, too).get(random.nextInt(3));
            way.set(FAULTS.get(random.nextInt(FAULTS.size())));
            writers.await();
            way.set(Fault.NONE);
          }
        }
        writers.begin(random.nextInt(100));
        if (random.nextBoolean()) { // else one trouble meets the other
          mark("after" + i);
        }
        writers.await();
      }
      List<WrittenChange> written = writers.stop();
      mark("end");
      copies.forEach(copy -> processes.awaitUpToDate(copy.process));
      listener.awaitAll();
      assertThat(listener.heard("oplog:lost")).singleElement().asString().contains("null"); // begun
      requireOnceAndInOrder(written);
      System.out.printf("%d changes, %d troubles%n", written.size(), TROUBLES);
    }
  }

  /** Waits until all before is published. */
  private void mark(String id) {
    transactions.readLock().lock();
    try {
      mongo.getDatabase(other).getCollection("mark").insertOne(new Document("_id", id));
    } finally {
      transactions.readLock().unlock();
    }
    listener.await(other + ".mark::" + id);
  }

  private static boolean isBegun(Copy copy) {
    return copy.process.err().contains(BEGUN);
  }

  private void requireOnceAndInOrder(List<WrittenChange> written) {
    Map<String, List<String>> heard = listener.byChannel();
    heard.keySet().removeIf(channel -> channel.startsWith(other + ".mark"));
    Map<String, List<String>> expected = new LinkedHashMap<>();
    for (WrittenChange change : written) {
      expected.computeIfAbsent(change.channel(), _ -> new ArrayList<>()).add(change.body());
    }
    Set<String> known = new HashSet<>(expected.keySet());
    known.addAll(List.of("the-end", "oplog:lost", "oplog:check"));
    written.forEach(change -> known.add(change.namespace()));
    assertThat(known).containsAll(heard.keySet());
    expected.forEach(
        (channel, bodies) -> assertThat(heard.get(channel)).as(channel).isEqualTo(bodies));
    requireTheSameByCollection(written, heard);
  }

  /** In the channel of a collection the documents are mixed, each with its changes in order. */
  private static void requireTheSameByCollection(
      List<WrittenChange> written, Map<String, List<String>> heard) {
    Map<String, List<String>> expected = new LinkedHashMap<>();
    for (WrittenChange change : written) {
      expected
          .computeIfAbsent(change.namespace() + "=" + change.id().json(), _ -> new ArrayList<>())
          .add(change.body());
    }
    Map<String, List<String>> told = new LinkedHashMap<>();
    Set<String> namespaces = new HashSet<>();
    written.forEach(change -> namespaces.add(change.namespace()));
    for (String namespace : namespaces) {
      for (String body : heard.getOrDefault(namespace, List.of())) {
        String id = body.replaceFirst(".*\"d\":\\{\"_id\":(.*)\\},\"f\":.*", "$1");
        told.computeIfAbsent(namespace + "=" + id, _ -> new ArrayList<>()).add(body);
      }
    }
    assertThat(told).isEqualTo(expected);
  }

  @Test
  void wholeDocumentsArePublishedOfTheNamedCollectionAlone() throws Exception {
    OplogProcess relay =
        processes.relay(
            TestMongo.shared().uri(one),
            redis.uri(),
            "--include",
            one,
            "--documents",
            one + ".games",
            "--prefix",
            "p:");
    OplogProcess.await(() -> relay.err().contains(BEGUN));
    for (String name : List.of("games", "users")) {
      MongoCollection<Document> collection = mongo.getDatabase(one).getCollection(name);
      collection.insertOne(new Document("_id", "a").append("x", 1).append("y", List.of(true)));
      listener.await("p:" + one + "." + name);
      collection.updateOne(Filters.eq("_id", "a"), Updates.set("z.deep", "ü"));
      OplogProcess.await(() -> listener.heard("p:" + one + "." + name).size() == 2);
      collection.deleteOne(Filters.eq("_id", "a"));
      OplogProcess.await(() -> listener.heard("p:" + one + "." + name + "::a").size() == 3);
    }
    assertThat(listener.heard("p:" + one + ".games"))
        .containsExactly(
            "{\"e\":\"i\",\"d\":{\"_id\":\"a\",\"x\":1,\"y\":[true]},\"f\":[\"_id\",\"x\",\"y\"]}",
            "{\"e\":\"u\",\"d\":{\"_id\":\"a\",\"x\":1,\"y\":[true],\"z\":{\"deep\":\"ü\"}},"
                + "\"f\":[\"z\"]}",
            "{\"e\":\"r\",\"d\":{\"_id\":\"a\"},\"f\":[]}");
    assertThat(listener.heard("p:" + one + ".users::a"))
        .isEqualTo(listener.heard("p:" + one + ".users"))
        .containsExactly(
            "{\"e\":\"i\",\"d\":{\"_id\":\"a\"},\"f\":[\"_id\",\"x\",\"y\"]}",
            "{\"e\":\"u\",\"d\":{\"_id\":\"a\"},\"f\":[\"z\"]}",
            "{\"e\":\"r\",\"d\":{\"_id\":\"a\"},\"f\":[]}");
    assertThat(relay.stop()).isZero();
  }

  /** What is published of the collection that floods is less, and leads to the same. */
  @Test
  void ofACollectionThatFloodsOneMessageStandsForManyChangesOfADocument() throws Exception {
    MongoCollection<Document> flood = mongo.getDatabase(one).getCollection("flood");
    MongoCollection<Document> few = mongo.getDatabase(one).getCollection("few");
    OplogProcess relay =
        processes.listening(
            TestMongo.shared().uri(one),
            redis.uri(),
            "--include",
            one,
            "--conflate",
            one + ".flood");
    OplogProcess.await(() -> relay.err().contains(BEGUN));
    listener.commands().clientPause(3000); // less than the relay's patience; it reads on
    flood.insertMany(IntStream.range(0, 100).mapToObj(i -> new Document("_id", i)).toList());
    for (int i = 0; i < 20; i++) {
      flood.updateMany(Filters.empty(), Updates.set("f" + i, i));
      few.updateOne(Filters.eq("_id", "a"), Updates.inc("n", 1), new UpdateOptions().upsert(true));
    }
    flood.deleteMany(Filters.lt("_id", 50));
    flood.insertOne(new Document("_id", "end"));
    listener.await(one + ".flood::end");
    OplogProcess.await(() -> listener.heard(one + ".few::a").size() == 20);
    long published = listener.heard(one + ".flood").size();
    assertThat(published).isBetween(100L, 2000L);
    assertThat(processes.page(relay, "/metrics").body())
        .containsPattern("oplog_relay_conflated_total\\{.*} " + (2151 - published) + "\\.0");
    for (int i = 0; i < 100; i++) {
      requireLeadsToTheEnd(listener.heard(one + ".flood::~" + i), i);
    }
    assertThat(relay.stop()).isZero();
  }

  private static void requireLeadsToTheEnd(List<String> bodies, int id) {
    if (id < 50) {
      assertThat(bodies).last().isEqualTo("{\"e\":\"r\",\"d\":{\"_id\":" + id + "},\"f\":[]}");
    } else {
      assertThat(bodies).first().asString().startsWith("{\"e\":\"i\"");
      Matcher fields = Pattern.compile("\"f\\d+\"").matcher(String.join("", bodies));
      assertThat(fields.results().map(MatchResult::group).distinct()).hasSize(20);
    }
  }

  @Test
  void aDocumentThatMovesIsToldWhereItWasAndWhereItIs() throws Exception {
    mongo
        .getDatabase(one)
        .createCollection(
            "messages",
            new CreateCollectionOptions()
                .changeStreamPreAndPostImagesOptions(
                    new ChangeStreamPreAndPostImagesOptions(true)));
    OplogProcess relay =
        processes.relay(
            TestMongo.shared().uri(one),
            redis.uri(),
            "--include",
            one,
            "--field-channels",
            one + ".messages=room");
    OplogProcess.await(() -> relay.err().contains(BEGUN));
    MongoCollection<Document> messages = mongo.getDatabase(one).getCollection("messages");
    messages.insertOne(new Document("_id", "a").append("room", 1).append("text", "x"));
    listener.await(one + ".room::1::messages");
    messages.updateOne(Filters.eq("_id", "a"), Updates.set("room", 2));
    listener.await(one + ".room::2::messages");
    messages.deleteOne(Filters.eq("_id", "a"));
    OplogProcess.await(() -> listener.heard(one + ".room::2::messages").size() == 2);
    String created = "{\"e\":\"i\",\"d\":{\"_id\":\"a\"},\"f\":[\"_id\",\"room\",\"text\"]}";
    String moved = "{\"e\":\"u\",\"d\":{\"_id\":\"a\"},\"f\":[\"room\"]}";
    String removed = "{\"e\":\"r\",\"d\":{\"_id\":\"a\"},\"f\":[]}";
    assertThat(listener.heard(one + ".room::1::messages")).containsExactly(created, moved);
    assertThat(listener.heard(one + ".room::2::messages")).containsExactly(moved, removed);
    assertThat(listener.heard(one + ".messages"))
        .isEqualTo(listener.heard(one + ".messages::a"))
        .containsExactly(created, moved, removed);
    assertThat(relay.stop()).isZero();
  }

  @Test
  void thePageSaysThatRedisIsAwayAndThatItIsBack() throws Exception {
    MongoCollection<Document> users = mongo.getDatabase(one).getCollection("users");
    try (TcpProxy way = toRedis()) {
      OplogProcess relay =
          processes.listening(TestMongo.shared().uri(one), uri(way), "--include", one);
      OplogProcess.await(() -> relay.err().contains(BEGUN));
      assertThat(processes.page(relay, "/readyz").statusCode()).isEqualTo(200);
      way.set(Fault.REFUSED);
      users.insertOne(new Document("_id", "a"));
      OplogProcess.await(() -> processes.page(relay, "/readyz").statusCode() == 503);
      assertThat(processes.page(relay, "/readyz").body())
          .contains("Redis at 127.0.0.1:" + way.port());
      assertThat(processes.page(relay, "/healthz").statusCode()).isEqualTo(200);
      way.set(Fault.NONE);
      OplogProcess.await(() -> processes.page(relay, "/readyz").statusCode() == 200);
      listener.await(one + ".users::a");
      assertThat(relay.stop()).isZero();
    }
  }

  @Test
  void whatIsOlderThanTheLimitIsNotPublishedAndThatIsTold() throws Exception {
    String[] options = {"--include", one, "--catch-up", "1s"};
    MongoCollection<Document> users = mongo.getDatabase(one).getCollection("users");
    String from = TestMongo.shared().uri(one);
    OplogProcess relay = processes.relay(from, redis.uri(), options);
    OplogProcess.await(() -> relay.err().contains(BEGUN));
    users.insertOne(new Document("_id", "a"));
    listener.await(one + ".users::a");
    assertThat(relay.stop()).isZero();
    users.insertOne(new Document("_id", "b"));
    OplogProcess.await(() -> positionAge() > 2);
    OplogProcess again = processes.relay(from, redis.uri(), options);
    OplogProcess.await(() -> again.err().contains(BEGUN));
    listener.await("oplog:lost");
    users.insertOne(new Document("_id", "c"));
    listener.await(one + ".users::c");
    assertThat(again.err()).contains("publishing begins at the end");
    assertThat(again.stop()).isZero();
    assertThat(listener.heard("oplog:lost"))
        .last()
        .asString()
        .contains("more than the catch-up limit of 1 s", "\"since\":1");
    assertThat(listener.heard(one + ".users::b")).isEmpty();
  }

  private long positionAge() {
    String key = listener.commands().keys("oplog:relay:*").getFirst();
    long at = Long.parseLong(listener.commands().hget(key, "at"));
    return Long.parseLong(listener.commands().time().getFirst()) - at;
  }
}
