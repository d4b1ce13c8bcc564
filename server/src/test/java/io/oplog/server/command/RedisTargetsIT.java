package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.TlsCertificate;
import io.oplog.testkit.mongodb.TestMongo;
import io.oplog.testkit.redis.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code oplog relay} as a process that leads to several Redis, or to one by TLS. */
@Timeout(180)
class RedisTargetsIT {
  @TempDir Path folder;
  private final String database = "db-" + UUID.randomUUID();
  private final RedisProcess one = RedisProcess.start();
  private final RedisProcess other = RedisProcess.start();
  private final RedisListener oneHeard = new RedisListener(one.uri());
  private final RedisListener otherHeard = new RedisListener(other.uri());
  private Processes processes;
  private MongoClient mongo;
  private MongoCollection<Document> users;

  @BeforeEach
  void open() {
    mongo = MongoClients.create(TestMongo.shared().uri(database));
    users = mongo.getDatabase(database).getCollection("users");
    processes = new Processes(folder);
  }

  @AfterEach
  void close() {
    processes.close();
    List.of(oneHeard, otherHeard).forEach(RedisListener::close);
    List.of(one, other).forEach(RedisProcess::close);
    mongo.getDatabase(database).drop();
    mongo.close();
  }

  private static TcpProxy way(RedisProcess redis) throws IOException {
    return TcpProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port()));
  }

  private OplogProcess relay(String to) throws IOException {
    return processes.listening(TestMongo.shared().uri(database), to, "--include", database);
  }

  private void insert(int from, int to) {
    IntStream.range(from, to).forEach(i -> users.insertOne(new Document("_id", "n" + i)));
  }

  private List<String> heard(RedisListener listener) {
    return listener.heard(database + ".users").stream()
        .map(body -> body.replaceAll(".*\"_id\":\"(n\\d+)\".*", "$1"))
        .toList();
  }

  private void awaitHeard(RedisListener listener, int count) {
    OplogProcess.await(() -> heard(listener).size() >= count);
    assertThat(heard(listener))
        .isEqualTo(IntStream.range(0, count).mapToObj(i -> "n" + i).toList());
  }

  private static String begun(TcpProxy way) {
    return "Changes are passed on to Redis at 127.0.0.1:" + way.port();
  }

  @Test
  void oneThatIsAwayNeitherHoldsUpTheOtherNorMakesItPublishTwice() throws Exception {
    try (TcpProxy toOne = way(one);
        TcpProxy toOther = way(other)) {
      String to = "redis://127.0.0.1:" + toOne.port() + ",redis://127.0.0.1:" + toOther.port();
      OplogProcess relay = relay(to);
      OplogProcess.await(
          () -> relay.err().contains(begun(toOne)) && relay.err().contains(begun(toOther)));
      insert(0, 10);
      awaitHeard(oneHeard, 10);
      awaitHeard(otherHeard, 10);
      toOther.set(Fault.BLACK_HOLE);
      insert(10, 20);
      awaitHeard(oneHeard, 20);
      OplogProcess.await(() -> processes.page(relay, "/readyz").statusCode() == 503);
      assertThat(processes.page(relay, "/readyz").body())
          .contains("nothing gets through to Redis at 127.0.0.1:" + toOther.port())
          .doesNotContain("127.0.0.1:" + toOne.port());
      assertThat(processes.page(relay, "/status").body())
          .contains("\"to\":\"Redis at 127.0.0.1:" + toOne.port() + "\",\"trouble\":\"\"")
          .contains("\"to\":\"Redis at 127.0.0.1:" + toOther.port() + "\",\"trouble\":\"Redis");
      relay.kill();
      insert(20, 30);
      OplogProcess again = relay(to);
      assertThat(again.err()).contains("it is waited for");
      awaitHeard(oneHeard, 30);
      toOther.set(Fault.NONE);
      awaitHeard(otherHeard, 30);
      OplogProcess.await(() -> processes.page(again, "/readyz").statusCode() == 200);
      assertThat(again.stop()).isZero();
      awaitHeard(oneHeard, 30);
    }
  }

  @Test
  void oneThatCannotBeUsedIsToldAndTheOtherIsPublishedToUnlessNoneCan() throws Exception {
    try (RedisProcess closed = RedisProcess.start("--requirepass", "secret")) {
      String wrong = closed.uri().replace("//", "//:guessed@");
      OplogProcess relay = relay(wrong + "," + one.uri());
      assertThat(relay.err())
          .contains("Redis at 127.0.0.1:" + closed.port() + ": ", "the password is wrong")
          .contains("it is waited for")
          .doesNotContain("guessed");
      OplogProcess.await(() -> relay.err().contains("Changes are passed on to Redis at"));
      insert(0, 10);
      awaitHeard(oneHeard, 10);
      OplogProcess.await(
          () -> processes.page(relay, "/readyz").body().contains("the password is wrong"));
      assertThat(relay.stop()).isZero();
      OplogProcess none = processes.relay(TestMongo.shared().uri(database), wrong);
      assertThat(none.awaitEnd()).isEqualTo(ExitCode.PASSWORD);
    }
  }

  @Test
  void aServerWithTlsIsPublishedToWhenItsCertificateIsTrusted() throws Exception {
    TlsCertificate certificate = TlsCertificate.make(folder, "ip:127.0.0.1");
    int port = RedisProcess.freePort();
    String to = "rediss://127.0.0.1:" + port;
    String from = TestMongo.shared().uri(database);
    try (RedisProcess redis = RedisProcess.startTls(port, certificate, "--tls-auth-clients", "no");
        RedisListener heard = new RedisListener(redis.uri())) {
      OplogProcess stranger = processes.relay(from, to);
      OplogProcess named = processes.relay(from, to, "--to-ca", certificate.file().toString());
      OplogProcess.await(() -> named.err().contains("Changes are passed on to"));
      insert(0, 10);
      awaitHeard(heard, 10);
      assertThat(named.stop()).isZero();
      insert(10, 20);
      try (OplogProcess known =
          OplogProcess.command(folder, "relay")
              .with(Map.of("OPLOG_FROM", from, "OPLOG_TO", to))
              .with(Map.of("OPLOG_JAVA_OPTS", certificate.trust()))
              .start()) {
        awaitHeard(heard, 20);
        assertThat(known.stop()).isZero();
      }
      assertThat(stranger.awaitEnd()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(stranger.err()).contains("its TLS certificate is not accepted", "--to-ca");
    }
  }
}
