package io.oplog.connector.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Batch;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.redis.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each message once, whatever is put again. */
@Timeout(120)
class RedisCopiesTest {
  private static final String SOURCE = "s";
  private static final int DOCUMENTS = 10;

  private static RedisProcess redis;
  private Subscriber subscriber;

  @BeforeAll
  static void start() {
    redis = RedisProcess.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void listen() {
    subscriber = new Subscriber(redis.uri());
    subscriber.connection().sync().flushall();
  }

  @AfterEach
  void leave() {
    subscriber.close();
  }

  /** The documents take turns; the field tells the change. */
  private static Batch<DocumentChange> batch(int from, int to) {
    List<DocumentChange> changes = new ArrayList<>();
    for (int i = from; i < to; i++) {
      changes.add(
          Changes.change(
              DocumentChange.Kind.UPDATE,
              Changes.insert("d" + i % DOCUMENTS, i).id(),
              List.of("f" + i),
              null,
              i));
    }
    return new Batch<>(changes, at(to));
  }

  /** After so many changes. */
  private static String at(int count) {
    return Changes.after(count - 1);
  }

  private static RedisSink sink() {
    return new RedisSink(RedisOptions.of(redis.uri()));
  }

  private static void putAll(long seed, int count) throws Exception {
    Random random = new Random(seed);
    try (RedisSink sink = sink()) {
      int at = 0;
      while (at < count) {
        int to = Math.min(count, at + 1 + random.nextInt(300));
        sink.put(SOURCE, Optional.of(at(at)), batch(at, to));
        at = to;
      }
    }
  }

  /** Of all, in the order in which they were heard. */
  private List<Integer> heard() throws InterruptedException {
    return subscriber.heard("app.users").stream().map(RedisCopiesTest::number).toList();
  }

  private static int number(String body) {
    return Integer.parseInt(body.replaceAll(".*\"f\":\\[\"f(\\d+)\"\\]\\}", "$1"));
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @Test
  void copiesThatPutTheSameInBatchesOfTheirOwnPublishEachMessageOnceAndInOrder() throws Exception {
    int count = 20_000;
    long seed = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<Boolean>> copies =
          LongStream.range(0, 3)
              .mapToObj(copy ->
                  threads.submit(() -> {
                    putAll(seed + copy, count);
                    return true;
                  }))
              .toList();
      for (Future<Boolean> copy : copies) {
        assertThat(copy.get(60, TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(heard()).as("seed " + seed).isEqualTo(numbers(count));
    for (int document = 0; document < DOCUMENTS; document++) {
      assertThat(subscriber.heard("app.users::d" + document))
          .hasSize(count / DOCUMENTS)
          .extracting(RedisCopiesTest::number)
          .isSorted();
    }
    try (RedisSink sink = sink()) {
      assertThat(sink.position(SOURCE)).contains(at(count));
    }
  }

  @Test
  void aBatchOfFiftyThousandMessagesIsPublished() throws Exception {
    try (RedisSink sink = sink()) {
      sink.put(SOURCE, Optional.empty(), batch(0, 50_000));
      assertThat(sink.position(SOURCE)).contains(at(50000));
    }
    assertThat(heard()).isEqualTo(numbers(50_000));
  }

  @Test
  void aRepeatedBatchWhoseAnswerWasLostIsPublishedOnce() throws Exception {
    InetSocketAddress server =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port());
    try (TcpProxy proxy = TcpProxy.to(server);
        RedisSink sink =
            new RedisSink(
                RedisOptions.of("redis://127.0.0.1:" + proxy.port())
                    .withTimeout(Duration.ofSeconds(1)))) {
      sink.put(SOURCE, Optional.empty(), batch(0, 10));
      proxy.setAt("\"f4999\"", TcpProxy.Fault.DEAF);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> sink.put(SOURCE, Optional.of(at(10)), batch(10, 5000)))
          .withMessage("Redis at 127.0.0.1:" + proxy.port() + ": no answer within 1 s");
      proxy.set(TcpProxy.Fault.NONE);
      assertThat(sink.position(SOURCE)).contains(at(5000));
      sink.put(SOURCE, Optional.of(at(10)), batch(10, 5000));
    }
    assertThat(heard()).isEqualTo(numbers(5000));
  }

  @Test
  void aBatchThatWasCutInTheMiddleIsPublishedFromThereOn() throws Exception {
    InetSocketAddress server =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port());
    try (TcpProxy proxy = TcpProxy.to(server);
        RedisSink sink =
            new RedisSink(
                RedisOptions.of("redis://127.0.0.1:" + proxy.port())
                    .withTimeout(Duration.ofSeconds(1)))) {
      proxy.setAt("\"f2500\"", TcpProxy.Fault.BLACK_HOLE);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> sink.put(SOURCE, Optional.empty(), batch(0, 5000)));
      proxy.set(TcpProxy.Fault.NONE);
      assertThat(sink.position(SOURCE)).isEmpty();
      assertThat(heard()).hasSizeBetween(1000, 2500);
      sink.put(SOURCE, Optional.empty(), batch(0, 5000));
      assertThat(sink.position(SOURCE)).contains(at(5000));
    }
    assertThat(heard()).isEqualTo(numbers(5000));
  }

  @Test
  void aCallWhoseCallBeforeFailedPublishesNothing() throws Exception {
    try (RedisSink sink = sink();
        RedisServer server = new RedisServer(RedisOptions.of(redis.uri()))) {
      sink.put(SOURCE, Optional.empty(), batch(0, 10));
      String before = Changes.time(20).toString();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() ->
              server.ask(redis ->
                  server.await(
                      new ScriptCall(Script.PUBLISH, "oplog:relay:" + SOURCE)
                          .with(Changes.time(21).toString())
                          .with("app.users")
                          .with("a body")
                          .with("1")
                          .with("app.users::x")
                          .with("app.users")
                          .with(before)
                          .with(Changes.time(21).toString())
                          .with("1")
                          .with(at(22))
                          .send(redis))))
          .withMessageContaining("GAP");
      assertThat(sink.position(SOURCE)).contains(at(10));
    }
    assertThat(heard()).isEqualTo(numbers(10));
  }

  @Test
  void scriptsThatTheServerHasForgottenAreLoadedAgain() throws Exception {
    try (RedisSink sink = sink()) {
      sink.put(SOURCE, Optional.empty(), batch(0, 10));
      subscriber.connection().sync().scriptFlush();
      sink.put(SOURCE, Optional.of(at(10)), batch(10, 5000));
      subscriber.connection().sync().scriptFlush();
      sink.put(SOURCE, Optional.of(at(5000)), new Batch<>(List.of(), at(6000)));
      assertThat(sink.position(SOURCE)).contains(at(6000));
    }
    assertThat(heard()).isEqualTo(numbers(5000));
  }
}
