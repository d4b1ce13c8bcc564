package io.oplog.connector.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.sentinel.api.sync.RedisSentinelCommands;
import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Relay;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import io.oplog.core.relay.UnusableException;
import io.oplog.testkit.redis.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A primary, a replica and a Sentinel that makes the replica the primary. */
@Timeout(120)
class RedisFailoverTest {
  private static final String NAME = "main";
  private static final String KEY = "oplog:relay:numbers";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final RedisProcess primary = RedisProcess.start();
  private final RedisProcess replica = RedisProcess.startReplica(primary);
  private final RedisProcess sentinel = RedisProcess.startSentinel(NAME, primary);
  private final Numbers numbers = new Numbers();
  private final RedisClient client = RedisClient.create();
  private final Relay<DocumentChange> relay = new Relay<>(numbers, sink(), "Redis");
  private RedisSentinelCommands<String, String> sentinels;

  private RedisSink sink() {
    return new RedisSink(
        RedisOptions.of("redis-sentinel://127.0.0.1:" + sentinel.port() + "#" + NAME)
            .withTimeout(Duration.ofSeconds(2)));
  }

  @BeforeEach
  void awaitSentinel() {
    sentinels = client.connectSentinel(RedisURI.create("127.0.0.1", sentinel.port())).sync();
    await().atMost(PATIENCE).until(() -> isKnown());
    relay.start();
  }

  @AfterEach
  void close() {
    relay.close();
    client.shutdown(0, 2, TimeUnit.SECONDS);
    sentinel.close();
    replica.close();
    primary.close();
  }

  /** Else the Sentinel has nobody to make the primary. */
  private boolean isKnown() {
    List<Map<String, String>> replicas = sentinels.replicas(NAME);
    return replicas.size() == 1
        && "slave".equals(replicas.getFirst().get("flags"))
        && "ok".equals(replicas.getFirst().get("master-link-status"));
  }

  private void awaitPrimary(RedisProcess redis) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() ->
            ((InetSocketAddress) sentinels.getMasterAddrByName(NAME)).getPort() == redis.port()
                && role(redis).equals("master"));
  }

  private static String role(RedisProcess redis) {
    try (Subscriber one = new Subscriber(redis.uri())) {
      return (String) one.connection().sync().role().getFirst();
    }
  }

  private static long positionAge(RedisProcess redis) {
    try (Subscriber one = new Subscriber(redis.uri())) {
      RedisCommands<String, String> commands = one.connection().sync();
      return Long.parseLong(commands.time().getFirst()) - Long.parseLong(commands.hget(KEY, "at"));
    }
  }

  /** Publishes as far as a number, and waits until that is known to a server. */
  private void publish(int upTo, RedisProcess at) {
    numbers.release(upTo);
    try (Subscriber one = new Subscriber(at.uri())) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> Changes.after(upTo - 1).equals(one.connection().sync().hget(KEY, "position")));
    }
  }

  private static List<Integer> heard(Subscriber subscriber) throws InterruptedException {
    return subscriber.heard("app.users").stream()
        .map(body -> Integer.valueOf(body.replaceAll(".*\"_id\":\"n(\\d+)\".*", "$1")))
        .toList();
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  /** For some seconds both are primaries, and the relay stays at the old one. */
  @Test
  void afterAFailoverThatWasAskedForEachMessageIsPublishedOnceAtTheNewPrimary() throws Exception {
    try (Subscriber before = new Subscriber(replica.uri())) {
      publish(500, replica);
      assertThat(heard(before)).isEqualTo(range(0, 500));
    }
    sentinels.failover(NAME);
    awaitPrimary(replica);
    try (Subscriber after = new Subscriber(replica.uri())) {
      await().atMost(PATIENCE).until(() -> positionAge(primary) > 3); // it is plainly older
      publish(600, primary);
      await().atMost(PATIENCE).ignoreExceptions().until(() -> role(primary).equals("slave"));
      publish(1000, replica);
      assertThat(heard(after)).isEqualTo(range(500, 1000));
    }
  }

  @Test
  void aPrimaryThatDiesIsFollowedByItsReplicaWhileChangesCome() throws Exception {
    publish(500, replica);
    primary.kill();
    numbers.release(600);
    awaitPrimary(replica);
    publish(1000, replica);
    try (RedisSink fresh = sink()) {
      assertThat(fresh.position(numbers.name())).contains(Changes.after(999));
    }
    assertThat(relay.stats().trouble()).isEmpty();
    assertThat(relay.stats().reconciled()).isZero();
  }

  /** Nobody who listens to it had heard them. */
  @Test
  void whatTheReplicaDidNotHaveIsPublishedAgainAtIt() throws Exception {
    publish(500, replica);
    try (Subscriber follower = new Subscriber(replica.uri())) {
      follower.connection().sync().replicaof("127.0.0.1", 1);
    }
    publish(600, primary);
    relay.close();
    primary.kill();
    awaitPrimary(replica);
    try (Subscriber after = new Subscriber(replica.uri());
        Relay<DocumentChange> next = new Relay<>(numbers, sink(), "Redis")) {
      next.start();
      publish(1000, replica);
      assertThat(heard(after)).isEqualTo(range(500, 1000));
    }
  }

  /**
   * The Sentinels name the old primary until the new one is found, and its role may have changed.
   */
  @Test
  void aReplicaWhereSentinelsNameItIsWaitedFor() throws Exception {
    try (Subscriber demoted = new Subscriber(primary.uri());
        RedisSink sink = sink()) {
      sink.check();
      demoted.connection().sync().replicaof("127.0.0.1", replica.port());
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(sink::check)
          .isNotInstanceOf(UnusableException.class)
          .withMessageContaining("READONLY");
    }
  }

  /** Changes that are numbered, as far as the test lets them go; ten a batch. */
  private static final class Numbers implements Source<DocumentChange> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private int at;
    private int end;

    void release(int upTo) {
      lock.lock();
      try {
        end = upTo;
        released.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public String name() {
      return "numbers";
    }

    @Override
    public Start<DocumentChange> seek(Optional<String> position) {
      at = Changes.before(position);
      return new Start.Resumed<>();
    }

    @Override
    public Optional<Batch<DocumentChange>> next(int maxBytes, Duration wait)
        throws InterruptedException {
      int last = Math.min(at + 10, end(wait));
      if (at >= last) {
        return Optional.empty();
      }
      List<DocumentChange> changes =
          IntStream.range(at, last)
              .<DocumentChange>mapToObj(i -> Changes.insert("n" + i, i))
              .toList();
      at = last;
      return Optional.of(new Batch<>(changes, Changes.after(at - 1)));
    }

    private int end(Duration wait) throws InterruptedException {
      lock.lock();
      try {
        long nanos = wait.toNanos();
        while (at >= end && nanos > 0) {
          nanos = released.awaitNanos(nanos);
        }
        return end;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void acknowledged(String position) {}

    @Override
    public Backlog backlog() {
      return Backlog.NONE;
    }

    @Override
    public void check() {}

    @Override
    public void close() {}
  }
}
