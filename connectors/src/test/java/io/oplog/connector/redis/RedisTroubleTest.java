package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandKeyword;
import io.lettuce.core.protocol.CommandType;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.Namespace;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.UnusableException;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.redis.RedisProcess;
import io.oplog.testkit.relay.ListedScan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that are gone, forget, or cannot be used. */
@Timeout(60)
class RedisTroubleTest {
  private static final String SOURCE = "s";
  private static final String[] KEEPING = {"--appendonly", "yes", "--appendfsync", "always"};

  /** Beside {@code script|load}. */
  private static final List<CommandType> RIGHTS =
      List.of(
          CommandType.HMGET,
          CommandType.HGET,
          CommandType.HGETALL,
          CommandType.HSET,
          CommandType.HDEL,
          CommandType.SMEMBERS,
          CommandType.PUBLISH,
          CommandType.TIME,
          CommandType.INFO,
          CommandType.EVALSHA);

  private static RedisSink sink(String uri) {
    return new RedisSink(RedisOptions.of(uri).withTimeout(Duration.ofSeconds(2)));
  }

  private static Batch<DocumentChange> batch(int number) {
    return new Batch<>(List.of(Changes.insert("d" + number, number)), Changes.after(number));
  }

  private static void fails(ThrowingCallable call, String... words) {
    assertThatExceptionOfType(IOException.class).isThrownBy(call).withMessageContainingAll(words);
  }

  private static void isUnusable(RedisSink sink, String... words) {
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(sink::check)
        .withMessageContainingAll(words);
  }

  @Test
  void aServerThatKeepsItsDataIsGoneOnWithAfterACrash() throws Exception {
    try (RedisProcess redis = RedisProcess.start(KEEPING);
        RedisSink sink = sink(redis.uri())) {
      sink.put(SOURCE, Optional.empty(), batch(1));
      redis.kill();
      fails(
          () -> sink.put(SOURCE, Optional.of(Changes.after(1)), batch(2)),
          "127.0.0.1:" + redis.port());
      fails(() -> sink.position(SOURCE), "127.0.0.1:" + redis.port(), "refused");
      redis.restart(KEEPING);
      try (Subscriber subscriber = new Subscriber(redis.uri())) {
        assertThat(sink.position(SOURCE)).contains(Changes.after(1));
        sink.put(SOURCE, Optional.empty(), batch(1));
        sink.put(SOURCE, Optional.of(Changes.after(1)), batch(2));
        assertThat(subscriber.heard("app.users")).hasSize(1);
        assertThat(subscriber.heard("app.users::d2")).hasSize(1);
      }
    }
  }

  @Test
  void aServerThatForgetsIsRemindedWhereThisCopyWas() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        RedisSink sink = sink(redis.uri());
        RedisSink fresh = sink(redis.uri())) {
      sink.put(SOURCE, Optional.empty(), batch(1));
      redis.kill();
      fails(() -> sink.put(SOURCE, Optional.of(Changes.after(1)), batch(2)), "127.0.0.1");
      redis.restart();
      assertThat(fresh.position(SOURCE)).isEmpty();
      assertThat(sink.position(SOURCE)).contains(Changes.after(1));
      sink.put(SOURCE, Optional.of(Changes.after(1)), batch(2));
      assertThat(fresh.position(SOURCE)).contains(Changes.after(2));
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUpInTime() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        TcpProxy proxy =
            TcpProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port()));
        RedisSink sink = sink("redis://127.0.0.1:" + proxy.port())) {
      sink.put(SOURCE, Optional.empty(), batch(1));
      proxy.set(TcpProxy.Fault.STALLED);
      fails(
          () -> sink.put(SOURCE, Optional.of(Changes.after(1)), batch(2)), "no answer within 2 s");
      fails(() -> sink.position(SOURCE), "127.0.0.1:" + proxy.port());
      proxy.set(TcpProxy.Fault.NONE);
      assertThat(sink.position(SOURCE)).isPresent();
    }
  }

  @Test
  void aSinkThatIsClosedSaysSo() throws Exception {
    try (RedisProcess redis = RedisProcess.start()) {
      RedisSink sink = sink(redis.uri());
      sink.check();
      sink.close();
      fails(() -> sink.position(SOURCE), "closed");
      sink.close();
    }
  }

  /**
   * The first call of a batch is too much for it, the second one, of another collection, is not.
   */
  @Test
  void aServerThatHasTooLittleMemoryForAPartOfABatchIsNotTakenToHavePublishedIt() throws Exception {
    DocumentChange large = Changes.insert("x".repeat(4 << 20), 1);
    DocumentChange small =
        new DocumentChange.Document(
            DocumentChange.Kind.DELETE,
            new Namespace("app", "notes"),
            new BsonString("n"),
            List.of(),
            null,
            null,
            Changes.time(2),
            0);
    Batch<DocumentChange> batch = new Batch<>(List.of(large, small), Changes.after(2));
    try (RedisProcess redis = RedisProcess.start();
        Subscriber subscriber = new Subscriber(redis.uri());
        RedisSink sink = sink(redis.uri())) {
      sink.put(SOURCE, Optional.empty(), new Batch<>(List.of(), Changes.after(0)));
      var settings = subscriber.connection().sync();
      String used = settings.info("memory").replaceAll("(?s).*used_memory:(\\d+).*", "$1");
      settings.configSet("maxmemory", Long.toString(Long.parseLong(used) + (7 << 20)));
      fails(() -> sink.put(SOURCE, Optional.of(Changes.after(0)), batch), "maxmemory");
      settings.configSet("maxmemory", "0");
      assertThat(sink.position(SOURCE)).contains(Changes.after(0));
      sink.put(SOURCE, Optional.of(Changes.after(0)), batch);
      assertThat(subscriber.heard("app.users")).hasSize(1);
      assertThat(subscriber.heard("app.notes")).hasSize(1);
    }
  }

  @Test
  void aPasswordThatIsMissingOrWrongIsTheOperatorsAffairAndIsNotTold() throws Exception {
    try (RedisProcess redis = RedisProcess.start("--requirepass", "secret");
        RedisSink none = sink(redis.uri());
        RedisSink wrong = sink(redis.uri().replace("//", "//:guessed@"));
        RedisSink right = sink(redis.uri().replace("//", "//:secret@"))) {
      isUnusable(none, "127.0.0.1:" + redis.port(), "NOAUTH", "redis://:PASSWORD@");
      isUnusable(wrong, "the password is wrong");
      assertThatExceptionOfType(UnusableException.class)
          .isThrownBy(() -> wrong.position(SOURCE))
          .withMessageNotContaining("guessed");
      right.check();
    }
  }

  @Test
  void aReplicaIsTheOperatorsAffair() throws Exception {
    try (RedisProcess primary = RedisProcess.start();
        RedisProcess replica =
            RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(primary.port()));
        RedisSink sink = sink(replica.uri())) {
      isUnusable(sink, "READONLY", "replica", "primary");
    }
  }

  @Test
  void aClusterIsTheOperatorsAffair() throws Exception {
    try (RedisProcess redis = RedisProcess.start("--cluster-enabled", "yes");
        RedisSink sink = sink(redis.uri())) {
      isUnusable(sink, "it is a cluster");
    }
  }

  @Test
  void aUserNeedsTheRightsThatAreToldAndNoOthers() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        Subscriber subscriber = new Subscriber(redis.uri());
        RedisSink sink = sink(redis.uri().replace("//", "//poor:p@"))) {
      AclSetuserArgs rights = AclSetuserArgs.Builder.on().addPassword("p").allChannels();
      RIGHTS.forEach(rights::addCommand);
      rights.addCommand(CommandType.SCRIPT, CommandKeyword.LOAD).keyPattern("oplog:*");
      subscriber.connection().sync().aclSetuser("poor", rights);
      sink.check();
      sink.put(SOURCE, Optional.empty(), batch(1));
      sink.put(SOURCE, Optional.of(Changes.after(1)), new Batch<>(List.of(), Changes.after(2)));
      sink.reconcile(
          SOURCE,
          Optional.of(Changes.after(2)),
          new ListedScan<>(List.of(), Changes.after(3)),
          "a test");
      assertThat(sink.position(SOURCE)).contains(Changes.after(3));
      for (CommandType right : RIGHTS) {
        AclSetuserArgs without = AclSetuserArgs.Builder.removeCommand(right);
        subscriber.connection().sync().aclSetuser("poor", without);
        assertThatExceptionOfType(UnusableException.class)
            .as("without " + right)
            .isThrownBy(() -> useAll(redis))
            .withMessageContaining("allow the user");
        subscriber.connection().sync().aclSetuser("poor", AclSetuserArgs.Builder.addCommand(right));
      }
    }
  }

  @Test
  void whatAUserMayNotPublishIsNotTakenToBePublished() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        Subscriber subscriber = new Subscriber(redis.uri());
        RedisSink sink = sink(redis.uri().replace("//", "//poor:p@"))) {
      AclSetuserArgs rights = AclSetuserArgs.Builder.on().addPassword("p").allCommands().allKeys();
      var settings = subscriber.connection().sync();
      settings.aclSetuser("poor", rights.resetChannels().channelPattern("app.users"));
      sink.put(SOURCE, Optional.empty(), new Batch<>(List.of(), Changes.after(0)));
      assertThatExceptionOfType(UnusableException.class)
          .isThrownBy(() -> sink.put(SOURCE, Optional.of(Changes.after(0)), batch(1)))
          .withMessageContaining("all channels");
      assertThat(sink.position(SOURCE)).contains(Changes.after(0));
      settings.aclSetuser("poor", AclSetuserArgs.Builder.allChannels());
      sink.put(SOURCE, Optional.of(Changes.after(0)), batch(1));
      assertThat(subscriber.heard("app.users::d1")).hasSize(1);
      assertThat(sink.position(SOURCE)).contains(Changes.after(1));
    }
  }

  @Test
  void aSkipThatCannotBeToldIsNotMade() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        Subscriber subscriber = new Subscriber(redis.uri());
        RedisSink sink = sink(redis.uri().replace("//", "//poor:p@"))) {
      AclSetuserArgs rights = AclSetuserArgs.Builder.on().addPassword("p").allCommands().allKeys();
      var settings = subscriber.connection().sync();
      settings.aclSetuser("poor", rights.resetChannels().channelPattern("app.*"));
      isUnusable(sink, "all channels");
      sink.put(SOURCE, Optional.empty(), batch(1));
      Optional<String> from = Optional.of(Changes.after(1));
      ListedScan<DocumentChange> scan = new ListedScan<>(List.of(), Changes.after(3));
      fails(() -> sink.reconcile(SOURCE, from, scan, "a test"), "all channels");
      assertThat(sink.position(SOURCE)).isEqualTo(from);
      settings.aclSetuser("poor", AclSetuserArgs.Builder.allChannels());
      sink.reconcile(SOURCE, from, scan, "a test");
      assertThat(sink.position(SOURCE)).contains(Changes.after(3));
      assertThat(subscriber.heard("oplog:lost")).hasSize(1);
    }
  }

  @Test
  void aKeyThatHoldsSomethingElseIsTheOperatorsAffair() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        Subscriber subscriber = new Subscriber(redis.uri());
        RedisSink sink = sink(redis.uri())) {
      subscriber.connection().sync().set("oplog:denylist", "app");
      isUnusable(sink, "oplog:*", "--prefix");
    }
  }

  private static void useAll(RedisProcess redis) throws Exception {
    try (RedisSink sink = sink(redis.uri().replace("//", "//poor:p@"))) {
      sink.check();
      Optional<String> position = sink.position(SOURCE);
      sink.put(SOURCE, position, batch(1));
      sink.put(SOURCE, position, new Batch<>(List.of(), Changes.after(3)));
      sink.reconcile(SOURCE, position, new ListedScan<>(List.of(), Changes.after(3)), "a test");
    }
  }

  @Test
  void nobodyThereMayChange() {
    try (RedisSink sink = sink("redis://127.0.0.1:1")) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(sink::check)
          .isNotInstanceOf(UnusableException.class)
          .withMessageContaining("Redis at 127.0.0.1:1: ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "http://:secret@host",
        "redis://:sec ret@host",
        "redis://:secret@host:x",
        "redis://:secret@a,b"
      })
  void anAddressThatIsNoneIsToldWithoutItsPassword(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisOptions.of(uri))
        .withNoCause()
        .withMessageContaining("redis://user:password@host")
        .withMessageNotContaining("sec");
  }

  @Test
  void optionsDoNotShowThePassword() {
    assertThat(RedisOptions.of("redis://u:secret@host")).asString().doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "redis://u:secret@host/1 host:6379",
        "rediss://:secret@host.example:7000 host.example:7000",
        "redis://u:secret@a_host:7000/1 a_host:7000",
        "redis://[::1]:7000 [::1]:7000",
        "redis-socket:///tmp/redis.sock /tmp/redis.sock"
      })
  void aServerIsNamedByItsPlace(String uri, String place) {
    assertThat(Diagnosis.place(RedisOptions.of(uri).uri())).isEqualTo("Redis at " + place);
  }

  @Test
  void aServerBehindSentinelsIsNamedByThem() {
    assertThat(Diagnosis.place(RedisOptions.of("redis-sentinel://:secret@h1,h2:1/0#m").uri()))
        .isEqualTo("Redis m of the Sentinels h1:26379, h2:1");
  }

  @Test
  void sentinelsTellWhereTheServerIs() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        RedisProcess sentinel = RedisProcess.startSentinel("main", redis);
        RedisSink asked = sink("redis-sentinel://127.0.0.1:" + sentinel.port() + "#main");
        RedisSink other = sink("redis-sentinel://127.0.0.1:" + sentinel.port() + "#other");
        RedisSink mistaken = sink(sentinel.uri())) {
      asked.check();
      asked.put(SOURCE, Optional.empty(), batch(1));
      try (RedisSink direct = sink(redis.uri())) {
        assertThat(direct.position(SOURCE)).contains(Changes.after(1));
      }
      fails(other::check, "other", Integer.toString(sentinel.port()));
      isUnusable(mistaken, "it is a Sentinel");
    }
  }

  @Test
  void whatAnswersAndIsNoRedisIsSaidToBeNone() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        RedisSink sink = sink("redis://127.0.0.1:" + listener.getLocalPort())) {
      Thread stranger =
          new Thread(() -> {
            try {
              while (true) {
                Socket socket = listener.accept();
                socket.getOutputStream().write("SSH-2.0-Other\r\n".getBytes(UTF_8));
              }
            } catch (IOException _) {
              // the test is over
            }
          });
      stranger.start();
      isUnusable(sink, "what answers there is no Redis");
    }
  }
}
