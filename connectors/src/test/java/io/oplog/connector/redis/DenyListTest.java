package io.oplog.connector.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Batch;
import io.oplog.testkit.redis.RedisProcess;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DenyListTest {
  private static RedisProcess redis;
  private Subscriber subscriber;
  private RedisSink sink;

  @BeforeAll
  static void start() {
    redis = RedisProcess.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void open() {
    subscriber = new Subscriber(redis.uri());
    subscriber.connection().sync().flushall();
    sink = sink();
  }

  @AfterEach
  void close() {
    sink.close();
    subscriber.close();
  }

  private static RedisSink sink() {
    return new RedisSink(RedisOptions.of(redis.uri()));
  }

  private void put(RedisSink into, String id) throws Exception {
    List<DocumentChange> changes = List.of(Changes.insert(id, id.charAt(0)));
    into.put("source", Optional.empty(), new Batch<>(changes, Changes.after(id.charAt(0))));
  }

  @Test
  void ofADeniedDatabaseNothingIsPublishedUntilItIsAllowedAgain() throws Exception {
    assertThat(sink.denyList().add("app")).isTrue();
    assertThat(sink.denyList().add("app")).isFalse();
    assertThat(sink.denyList().databases()).containsExactly("app");
    put(sink, "a");
    assertThat(sink.position("source")).contains(Changes.after('a'));
    assertThat(sink.denyList().discarded()).isEqualTo(1);
    assertThat(sink.denyList().remove("app")).isTrue();
    assertThat(sink.denyList().remove("app")).isFalse();
    put(sink, "b");
    assertThat(subscriber.heard("app.users"))
        .containsExactly("{\"e\":\"i\",\"d\":{\"_id\":\"b\"},\"f\":[\"_id\"]}");
  }

  @Test
  void anotherDatabaseIsPublishedAllTheSame() throws Exception {
    sink.denyList().add("application");
    put(sink, "a");
    assertThat(subscriber.heard("app.users")).hasSize(1);
  }

  @Test
  void aCopyAndARestartHaveTheSameList() throws Exception {
    try (RedisSink copy = sink()) {
      put(copy, "a");
      sink.denyList().add("app");
      char[] id = {'a'};
      await()
          .until(() -> {
            put(copy, String.valueOf(++id[0]));
            return copy.denyList().discarded() > 0;
          });
    }
    try (RedisSink again = sink()) {
      put(again, "z");
      assertThat(again.denyList().discarded()).isEqualTo(1);
    }
  }
}
