package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.mongodb.TestMongo;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The time of a log is that of its database server, whatever an agent's own clock shows. */
class ServerClockTest {
  private static final long HOUR = Duration.ofHours(1).toMillis();

  private final ManualClock own = new ManualClock();
  private final ManualClock server = new ManualClock();

  private static MongoOptions options() {
    return MongoOptions.of(
        TestMongo.shared().uri("c" + UUID.randomUUID().toString().replace("-", "")));
  }

  private MongoStore open() throws StoreException {
    return MongoStore.open(
        options()
            .withClock(own)
            .withRetention(Retention.FOREVER.withLogAge(Duration.ofMinutes(30))),
        server::wallMillis);
  }

  private static void append(MongoStore store, String id) throws StoreException {
    store.append(List.of(submission(insert("video", id))));
  }

  private static long headMillis(MongoStore store) throws StoreException {
    return store.commitMillis(store.bounds().head()).orElseThrow();
  }

  private void pass(Duration time) {
    own.pass(time);
    server.pass(time);
  }

  /** The one server's clock is this machine's, and the agent's is a day behind it, or so. */
  @Test
  void commitTimesAreTheServersOwn() throws StoreException {
    try (MongoStore store = MongoStore.open(options().withClock(own))) {
      append(store, "a");
      assertThat(headMillis(store)).isCloseTo(System.currentTimeMillis(), within(HOUR / 2));
    }
  }

  @Test
  void anAgentWhoseClockIsStoppedOrStepsKeepsToTheServersTime() throws StoreException {
    own.step(Duration.ofHours(-5));
    try (MongoStore store = open()) {
      pass(Duration.ofMinutes(1));
      own.step(Duration.ofHours(9));
      append(store, "a");
      assertThat(headMillis(store)).isEqualTo(server.wallMillis());
    }
  }

  @Test
  void whatAgedByTheServersClockIsDroppedAndNothingElse() throws Exception {
    try (MongoStore store = open()) {
      append(store, "a");
      append(store, "b");
      awaitFold(store);
      own.step(Duration.ofMinutes(45));
      store.enforceRetention();
      assertThat(store.bounds().first()).isEqualTo(1);
      pass(Duration.ofMinutes(45));
      store.enforceRetention();
      assertThat(store.bounds().first()).isEqualTo(2);
    }
  }

  private static void awaitFold(MongoStore store) {
    Awaitility.await().until(() -> store.bounds().folded() == store.bounds().head());
  }

  @Test
  void theDifferenceIsTold() throws StoreException {
    own.step(Duration.ofSeconds(-90));
    try (MongoStore store = open()) {
      assertThat(store.shared().orElseThrow().clockAheadMillis()).isEqualTo(-90_000);
      own.step(Duration.ofSeconds(90));
      store.enforceRetention();
      assertThat(store.shared().orElseThrow().clockAheadMillis()).isZero();
    }
  }
}
