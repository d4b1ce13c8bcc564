package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.oplog.client.Endpoint;
import io.oplog.client.ReconnectingStream;
import io.oplog.client.StreamClient;
import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import io.oplog.testkit.ReadEvent;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.MongoProcess;
import io.oplog.testkit.mongodb.TestMongo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code oplog relay} as a process between MongoDB and a server that is a process of its own. */
@Timeout(300)
class MongoRelayIT {
  private static final int TROUBLES = Integer.getInteger("oplog.relayTroubles", 8);
  private static final String TARGET = "target";
  private static final String BEGUN = "Changes are passed on to";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final List<Fault> FAULTS =
      List.of(Fault.REFUSED, Fault.STALLED, Fault.BLACK_HOLE, Fault.DEAF);

  @TempDir Path folder;
  private final String name = "relay-" + UUID.randomUUID();
  private Processes processes;

  @BeforeEach
  void open() {
    processes = new Processes(folder);
  }

  @AfterEach
  void close() {
    processes.close();
  }

  private static TcpProxy proxy(int port) throws Exception {
    return TcpProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private String rules(String text) throws Exception {
    return Files.writeString(folder.resolve("rules"), text).toString();
  }

  private static List<Document> documents(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> new Document("_id", "d" + i)).toList();
  }

  private List<DocumentWriter> writers(MongoClient client, int count, long seed) {
    ReadWriteLock transactions = new ReentrantReadWriteLock();
    List<String> names = List.of("users", "orders", "secrets", "things");
    names.forEach(client.getDatabase(name)::createCollection);
    List<String> shared = names.stream().map(one -> name + "." + one).toList();
    return IntStream.range(0, count)
        .mapToObj(i -> new DocumentWriter(client, i, shared, own(i), transactions, seed + i))
        .toList();
  }

  private List<String> own(int writer) {
    return Stream.of("scratch-", "hidden-", "other-")
        .map(one -> name + "." + one + writer)
        .toList();
  }

  /** Until everything before it is at the target, a scan and all its deletes included. */
  private void awaitMarks(MongoDatabase database, OplogProcess server) throws Exception {
    awaitMark(database, server, "first"); // a scan tells it perhaps, and deletes afterwards
    awaitMark(database, server, "second");
  }

  private static void awaitMark(MongoDatabase database, OplogProcess server, String id)
      throws Exception {
    database.getCollection("mark").insertOne(new Document("_id", id));
    Filter marks = new Filter(Set.of("mark"), Set.of());
    try (ReconnectingStream stream =
        new StreamClient(Endpoint.of(server.url())).reconnecting(marks, "0")) {
      while (true) {
        StreamEvent event = stream.next(PATIENCE);
        if (event instanceof StreamEvent.Change change && change.operation().id().equals(id)) {
          return;
        }
      }
    }
  }

  @Test
  void theTargetHasWhatTheRulesMakeOfTheDocumentsWhoeverIsKilledOrCutOff() throws Exception {
    long seed = Long.getLong("oplog.seed", System.nanoTime() & 0xffff_ffffL);
    System.out.printf("MongoRelayIT seed %d%n", seed);
    Random random = new Random(seed);
    String rules = rules(RuledDocuments.rules(name));
    OplogProcess server = processes.server(TARGET, 0);
    int port = server.port();
    try (MongoClient client = MongoClients.create(TestMongo.shared().uri(name));
        TcpProxy from = TcpProxy.to(TestMongo.shared().node());
        TcpProxy to = proxy(port);
        DocumentWriters writers = new DocumentWriters(writers(client, 3, seed))) {
      writers.begin(200);
      String source = TestMongo.shared().uri(from, name);
      String target = "http://127.0.0.1:" + to.port();
      OplogProcess relay =
          processes.relay(source, target, "--rules", rules, "--max-deletes", "100%");
      awaitMark(client.getDatabase(name), server, "begun");
      for (int i = 0; i < TROUBLES; i++) {
        writers.begin(random.nextInt(200));
        switch (random.nextInt(5)) {
          case 0 -> {
            server.kill();
            writers.await();
            server = processes.server(TARGET, port);
          }
          case 1 -> {
            relay.kill();
            writers.await();
            relay = processes.relay(source, target, "--rules", rules, "--max-deletes", "100%");
          }
          case 2 -> {
            relay.freeze();
            writers.await();
            relay.thaw();
          }
          case 3 -> {
            from.cut();
            to.cut();
          }
          default -> {
            TcpProxy way = random.nextBoolean() ? from : to;
            way.set(FAULTS.get(random.nextInt(FAULTS.size())));
            writers.await();
            way.set(Fault.NONE);
          }
        }
        writers.begin(random.nextInt(100));
        if (random.nextBoolean()) { // else one trouble meets the other
          awaitMark(client.getDatabase(name), server, "after" + i);
        }
        writers.await();
      }
      int written = writers.stop().size();
      awaitMarks(client.getDatabase(name), server);
      assertThat(relay.stop()).as(relay.err()).isZero();
      assertThat(server.stop()).isZero();
      RuledDocuments log = RuledDocuments.ofLog(StoredLog.read(folder.resolve(TARGET)));
      RuledDocuments documents = RuledDocuments.ofDatabase(client.getDatabase(name));
      assertThat(log.objects()).containsExactlyInAnyOrderEntriesOf(documents.objects());
      System.out.printf(
          "%d changes, %d operations, %d objects left, %d troubles%n",
          written, log.operations(), log.objects().size(), TROUBLES);
      client.getDatabase(name).drop();
    }
  }

  @Test
  void whatIsLostWithTheHistoryIsMendedAndSaid() throws Exception {
    OplogProcess server = processes.server(TARGET, 0);
    try (MongoProcess mongo = MongoProcess.start("--oplog-max-entries", "200");
        MongoClient client = MongoClients.create(mongo.uri(name))) {
      MongoCollection<Document> users = client.getDatabase(name).getCollection("users");
      users.insertMany(documents(0, 30));
      String rules = rules(name + ".users type=user parents=org/{org}\n" + name + ".*\n");
      OplogProcess relay =
          processes.relay(mongo.uri(name), server.url(), "--rules", rules, "--max-deletes", "100%");
      OplogProcess.await(() -> relay.err().contains(BEGUN));
      awaitMark(client.getDatabase(name), server, "begun");
      assertThat(relay.stop()).isZero();
      users.deleteMany(Filters.in("_id", "d3", "d4"));
      users.updateOne(Filters.eq("_id", "d5"), Updates.set("org", "o1"));
      for (int i = 0; i < 1000; i += 100) {
        client.getDatabase(name).getCollection("others").insertMany(documents(i, i + 100));
      }
      OplogProcess again =
          processes.relay(mongo.uri(name), server.url(), "--rules", rules, "--max-deletes", "100%");
      OplogProcess.await(() -> again.err().contains(BEGUN));
      assertThat(again.err())
          .contains("Changes were lost, so everything is scanned")
          .contains("cannot be read");
      awaitMark(client.getDatabase(name), server, "mended");
      assertThat(again.stop()).isZero();
      assertThat(server.stop()).isZero();
    }
    RuledDocuments log = RuledDocuments.ofLog(StoredLog.read(folder.resolve(TARGET)));
    assertThat(log.objects().keySet())
        .hasSize(28 + 1000 + 2)
        .contains("user/d5", "others/d999")
        .doesNotContain("user/d3", "user/d4");
    assertThat(log.objects())
        .hasEntrySatisfying(
            "user/d5", user -> assertThat(user.parents()).containsExactly("org/o1"));
  }

  /** The stand-in's own oplog has inserts and drops as mongod's has them. */
  @ParameterizedTest
  @ValueSource(strings = {"changes", "oplog"})
  void whatExistsAtTheFirstStartIsThereAndPatternsChooseCollections(String way) throws Exception {
    try (MongoClient client = MongoClients.create(TestMongo.shared().uri(name))) {
      MongoDatabase database = client.getDatabase(name);
      database.getCollection("users").insertMany(documents(0, 3));
      database.getCollection("secrets").insertMany(documents(0, 3));
      OplogProcess server = processes.server(TARGET, 0);
      OplogProcess relay =
          processes.relay(
              TestMongo.shared().uri(name),
              server.url(),
              "--include",
              name,
              "--exclude",
              name + ".secrets",
              "--read",
              way);
      awaitMarks(database, server);
      assertThat(relay.stop()).isZero();
      assertThat(server.stop()).isZero();
      database.drop();
    }
    assertThat(RuledDocuments.ofLog(StoredLog.read(folder.resolve(TARGET))).objects().keySet())
        .containsExactlyInAnyOrder("users/d0", "users/d1", "users/d2", "mark/first", "mark/second");
  }

  @ParameterizedTest
  @ValueSource(strings = {"changes", "oplog"})
  void aDroppedDatabaseLeavesNothingBehind(String way) throws Exception {
    OplogProcess server = processes.server(TARGET, 0);
    String dropped = name + "-dropped";
    try (MongoClient client = MongoClients.create(TestMongo.shared().uri(name))) {
      MongoDatabase database = client.getDatabase(name);
      client.getDatabase(dropped).getCollection("things").insertMany(documents(0, 20));
      OplogProcess relay =
          processes.relay(
              TestMongo.shared().uri(dropped),
              server.url(),
              "--include",
              name + "," + dropped,
              "--read",
              way,
              "--max-deletes",
              "100%");
      awaitMark(database, server, "begun");
      client.getDatabase(dropped).drop();
      awaitMarks(database, server);
      assertThat(relay.err()).contains(dropped + ".things was dropped or renamed");
      assertThat(relay.stop()).isZero();
      assertThat(server.stop()).isZero();
      database.drop();
    }
    assertThat(RuledDocuments.ofLog(StoredLog.read(folder.resolve(TARGET))).objects().keySet())
        .containsExactlyInAnyOrder("mark/begun", "mark/first", "mark/second");
  }

  /** Their own time is older than that of their removal. */
  @Test
  void documentsThatComeBackUnchangedLiveAgain() throws Exception {
    OplogProcess server = processes.server(TARGET, 0);
    try (MongoClient client = MongoClients.create(TestMongo.shared().uri(name))) {
      MongoDatabase database = client.getDatabase(name);
      Document document = new Document("_id", "a").append("at", Instant.now());
      database.getCollection("things").insertOne(document);
      String rules = rules(RuledDocuments.rules(name));
      OplogProcess relay =
          processes.relay(
              TestMongo.shared().uri(name),
              server.url(),
              "--rules",
              rules,
              "--max-deletes",
              "100%");
      awaitMark(database, server, "begun");
      for (String[] move : new String[][] {{"things", "hidden"}, {"hidden", "things"}}) {
        database.getCollection(move[0]).renameCollection(new MongoNamespace(name, move[1]));
        awaitMark(database, server, "before " + move[1]);
        awaitMark(database, server, "after " + move[1]);
      }
      assertThat(relay.stop()).isZero();
      assertThat(server.stop()).isZero();
      List<ReadEvent> log = StoredLog.read(folder.resolve(TARGET));
      assertThat(log)
          .filteredOn(event -> event.object().equals("things/a"))
          .extracting(event -> event.kind().wireName())
          .containsExactly("insert", "delete", "insert");
      assertThat(RuledDocuments.ofLog(log).objects())
          .isEqualTo(RuledDocuments.ofDatabase(database).objects());
      database.drop();
    }
  }

  @Test
  void operationsArePrintedAndAPositionInAFileIsGoneOnFrom() throws Exception {
    try (MongoClient client = MongoClients.create(TestMongo.shared().uri(name))) {
      MongoCollection<Document> users = client.getDatabase(name).getCollection("Users");
      users.insertOne(new Document("_id", "a"));
      String from = TestMongo.shared().uri(name);
      String file = folder.resolve("position").toString();
      String[] options = {"--include", name + ".Users", "--state-file", file};
      OplogProcess first = processes.relay(from, "-", options);
      OplogProcess.await(() -> first.out().contains("{\"event\":\"live\"}"));
      users.updateOne(Filters.eq("_id", "a"), Updates.set("x", 1));
      users.deleteOne(Filters.eq("_id", "a"));
      OplogProcess.await(() -> first.out().contains("\"delete\""));
      assertThat(first.stop()).isZero();
      assertThat(kinds(first)).containsExactly("reset", "insert", "live", "update", "delete");
      assertThat(first.out()).contains("\"type\":\"users\",\"id\":\"a\"");
      users.insertOne(new Document("_id", "b"));
      OplogProcess second = processes.relay(from, "-", options);
      OplogProcess.await(() -> !second.out().isEmpty());
      assertThat(second.stop()).isZero();
      assertThat(kinds(second)).containsExactly("insert");
      client.getDatabase(name).drop();
    }
  }

  private static List<String> kinds(OplogProcess relay) {
    return relay
        .out()
        .lines()
        .map(line -> line.replaceFirst("\\{\"event\":\"(\\w+)\".*", "$1"))
        .toList();
  }

  @Test
  void aWrongLineOfTheRulesIsNamed() throws Exception {
    String file = rules("app.users type=user\napp.orders tpye=order\n");
    OplogProcess relay = processes.relay("mongodb://127.0.0.1:1", "-", "--rules", file);
    assertThat(relay.awaitEnd()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(relay.err()).contains(file + ": line 2: there is no 'tpye'");
  }

  @Test
  void anOplogIsReadAsAWhole() throws Exception {
    OplogProcess relay =
        processes.relay("mongodb://127.0.0.1:1", "-", "--read", "oplog", "--watch", "app");
    assertThat(relay.awaitEnd()).isEqualTo(ExitCode.USAGE);
    assertThat(relay.err()).contains("--watch is for change streams");
  }

  @Test
  void whatIsReadOneWayGoesOnTheOther() throws Exception {
    try (MongoClient client = MongoClients.create(TestMongo.shared().uri(name))) {
      MongoCollection<Document> users = client.getDatabase(name).getCollection("users");
      users.insertOne(new Document("_id", "a"));
      String from = TestMongo.shared().uri(name);
      String file = folder.resolve("position").toString();
      List<String> told = new ArrayList<>();
      for (String way : List.of("oplog", "changes", "oplog")) {
        OplogProcess relay =
            processes.relay(from, "-", "--include", name, "--state-file", file, "--read", way);
        OplogProcess.await(() -> relay.out().contains("\"id\":\"a\""));
        users.deleteOne(Filters.eq("_id", "a"));
        OplogProcess.await(() -> relay.out().contains("\"delete\""));
        assertThat(relay.stop()).isZero();
        told.addAll(kinds(relay));
        users.insertOne(new Document("_id", "a"));
      }
      assertThat(told)
          .containsExactly(
              "reset", "insert", "live", "delete", "insert", "delete", "insert", "delete");
      client.getDatabase(name).drop();
    }
  }

  @Test
  void aNameThatNoCollectionHasIsWarnedOf() throws Exception {
    String from = TestMongo.shared().uri(name);
    try (MongoClient client = MongoClients.create(from)) {
      MongoDatabase database = client.getDatabase(name);
      database.getCollection("things").insertOne(new Document("_id", "a"));
      String file = folder.resolve("position").toString();
      String[] options = {"--include", name + ".later", "--state-file", file};
      OplogProcess first = processes.relay(from, "-", options);
      OplogProcess.await(() -> first.err().contains("has no collection that is wanted"));
      OplogProcess.await(() -> first.out().contains("live"));
      assertThat(first.stop()).isZero();
      assertThat(first.err()).contains("Nothing was passed on to standard output from there");
      database.getCollection("later").insertOne(new Document("_id", "a"));
      OplogProcess second = processes.relay(from, "-", options);
      OplogProcess.await(() -> second.err().contains("going on from there"));
      assertThat(second.stop()).isZero();
      assertThat(second.err()).doesNotContain("has no collection that is wanted");
      database.drop();
    }
  }

  @Test
  void aServerThatTellsNoChangesIsNotWaitedFor() throws Exception {
    try (MongoProcess mongo = MongoProcess.start("--standalone")) {
      OplogProcess relay = processes.relay(mongo.uri(name), "-");
      assertThat(relay.awaitEnd()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(relay.err())
          .contains("not a member of a replica set")
          .contains("start it with --replSet and run rs.initiate()");
    }
  }

  @Test
  void aServerThatIsAwayIsWaitedFor() throws Exception {
    try (MongoProcess mongo = MongoProcess.start();
        TcpProxy way = proxy(mongo.port());
        MongoClient client = MongoClients.create(mongo.uri(name))) {
      client.getDatabase(name).getCollection("users").insertMany(documents(0, 1));
      way.set(Fault.REFUSED);
      String from = mongo.uri(name).replace(":" + mongo.port(), ":" + way.port());
      OplogProcess relay = processes.listening(from, "-");
      OplogProcess.await(() -> relay.err().contains("it is waited for"));
      OplogProcess.await(
          () -> processes.page(relay, "/readyz").body().contains("MongoDB at 127.0.0.1"));
      assertThat(processes.page(relay, "/readyz").statusCode()).isEqualTo(503);
      way.set(Fault.NONE);
      OplogProcess.await(() -> relay.out().contains("\"id\":\"d0\""));
      OplogProcess.await(() -> processes.page(relay, "/readyz").statusCode() == 200);
      assertThat(relay.stop()).isZero();
    }
  }
}
