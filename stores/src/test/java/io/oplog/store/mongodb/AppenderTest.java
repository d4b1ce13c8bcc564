package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.moving;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.model.Filters;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.testkit.ReadEvent;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Appends over a connection whose answers are lost. */
class AppenderTest {
  private final String database = "a" + new ObjectId().toHexString();
  private final TcpProxy proxy = TcpProxy.to(TestMongo.shared().node());
  private final Store store =
      MongoStore.open(
          MongoOptions.of(TestMongo.shared().uri(proxy, database))
              .withPatience(Duration.ofSeconds(60)));
  private final LogDatabase side =
      new LogDatabase(MongoOptions.of(TestMongo.shared().uri(database)));

  AppenderTest() throws IOException, StoreException {}

  @AfterEach
  void close() throws Exception {
    store.close();
    side.close();
    proxy.close();
  }

  private List<Outcome> append(String id) {
    try {
      return store.append(List.of(submission(insert("video", id))));
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean isStored(long sequence) {
    return side.log.countDocuments(Filters.eq(Block.LAST, sequence)) > 0;
  }

  /** A primary that was deposed would tell of an end that is none any more. */
  @Test
  void aConflictOfSourcesIsAnsweredAfterAWriteToAMajority() throws Exception {
    Submission conflict = moving("crm", "p1", "p2", insert("video", "a"));
    afterAWrite(() -> store.append(List.of(conflict)));
  }

  @Test
  void theLogsNewestEndIsLookedUpAfterAWriteToAMajority() throws Exception {
    afterAWrite(store::latestBounds);
  }

  private void afterAWrite(Callable<?> question) throws Exception {
    proxy.setAt("probe", Fault.STALLED);
    try (ExecutorService asking = Executors.newSingleThreadExecutor()) {
      Future<?> answer = asking.submit(question);
      await().until(() -> proxy.fault() == Fault.STALLED);
      assertThat(answer.isDone()).isFalse();
      proxy.set(Fault.NONE);
      assertThat(answer.get()).isNotNull();
    }
  }

  @Test
  void aBlockWhoseInsertWasNotHeardIsInTheLogOnce() throws Exception {
    append("a");
    proxy.setAt("unheard", Fault.DEAF); // no sooner: it may need a connection of its own
    CompletableFuture<List<Outcome>> unheard =
        CompletableFuture.supplyAsync(() -> append("unheard"));
    await().until(() -> isStored(2));
    proxy.set(Fault.NONE);
    assertThat(unheard.get()).hasOnlyElementsOfType(Outcome.Stored.class);
    append("c");
    LogPage.Read page = (LogPage.Read) store.readLog(0, 1 << 20);
    assertThat(ReadEvent.of(page.frames()))
        .extracting(ReadEvent::object)
        .containsExactly("video/a", "video/unheard", "video/c");
  }
}
