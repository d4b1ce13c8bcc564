package io.oplog.testkit;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.moving;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.core.store.LogBatch;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.protocol.EventId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Store} keeps to that several agents open at once: one total order, and no
 * acknowledged operation missing for anybody.
 */
public abstract class SharedStoreContract extends DurableStoreContract {
  private static final int APPENDS = 40;

  /** What a listener heard. Thread-safe. */
  private static final class Heard implements StoreListener {
    private final List<ReadEvent> events = Collections.synchronizedList(new ArrayList<>());

    static Heard by(Store store) {
      Heard heard = new Heard();
      store.listen(heard);
      return heard;
    }

    @Override
    public void committed(LogBatch batch) {
      events.addAll(ReadEvent.of(batch.frames()));
    }

    @Override
    public void folded(long sequence) {
      // the states are read by other tests
    }

    void awaitCount(int count) {
      await().until(() -> events.size() >= count);
    }
  }

  private static EventId appendOne(Store store, String id) throws StoreException {
    List<Outcome> outcomes = store.append(List.of(submission(insert("video", id))));
    return Objects.requireNonNull(((Outcome.Stored) outcomes.getFirst()).last());
  }

  private static Callable<List<EventId>> appending(Store store, String name) {
    return () -> {
      List<EventId> ids = new ArrayList<>();
      for (int i = 0; i < APPENDS; i++) {
        ids.add(appendOne(store, name + i));
      }
      return ids;
    };
  }

  @Test
  void appendsOfSeveralAgentsAreHeardByAllInOneOrder() throws Exception {
    List<Store> stores = List.of(open(), open(), open());
    List<Heard> heard = stores.stream().map(Heard::by).toList();
    List<EventId> acknowledged = new ArrayList<>();
    try (ExecutorService agents = Executors.newFixedThreadPool(stores.size())) {
      List<Future<List<EventId>>> all = new ArrayList<>();
      for (int i = 0; i < stores.size(); i++) {
        all.add(agents.submit(appending(stores.get(i), "agent" + i + "-")));
      }
      for (Future<List<EventId>> ids : all) {
        assertThat(ids.get()).extracting(EventId::sequence).isSorted();
        acknowledged.addAll(ids.get());
      }
    }
    int count = APPENDS * stores.size();
    heard.forEach(one -> one.awaitCount(count));
    List<ReadEvent> order = log(stores.getFirst(), 0);
    assertThat(order)
        .extracting(ReadEvent::sequence)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
    assertThat(order).extracting(ReadEvent::id).containsAll(acknowledged);
    assertThat(heard).allSatisfy(one -> assertThat(one.events).isEqualTo(order));
  }

  @Test
  void agentsThatStartAtOnceAllOpenTheLog() throws Exception {
    List<Callable<Store>> starting = Collections.nCopies(4, this::open);
    try (ExecutorService agents = Executors.newFixedThreadPool(starting.size())) {
      for (Future<Store> store : agents.invokeAll(starting)) {
        appendOne(store.get(), "x");
      }
    }
  }

  /** Whichever agent a consumer comes back to, its position is not taken for a lost one. */
  @Test
  void anIdOfOneAgentIsKnownToTheOthersAtOnce() throws StoreException {
    Store one = open();
    Store other = open();
    for (int i = 0; i < APPENDS; i++) {
      EventId id = appendOne(one, "x" + i);
      assertThat(other.latestBounds().head()).isGreaterThanOrEqualTo(id.sequence());
      assertThat(other.latestBounds().headSecond()).isGreaterThanOrEqualTo(id.seconds());
      assertThat(other.lost(id)).isFalse();
    }
  }

  @Test
  void aSourceMovesOnceWhicheverAgentItTalksTo() throws StoreException {
    Store one = open();
    Store other = open();
    assertThat(one.append(List.of(moving("crm", null, "p1", insert("video", "a")))))
        .allMatch(Outcome.Stored.class::isInstance);
    assertThat(other.append(List.of(moving("crm", null, "p1", insert("video", "a")))))
        .containsExactly(new Outcome.SourceConflict("p1"));
    assertThat(other.append(List.of(moving("crm", "p1", "p2", insert("video", "b")))))
        .allMatch(Outcome.Stored.class::isInstance);
    assertThat(one.append(List.of(moving("crm", "p1", "p2", insert("video", "b")))))
        .containsExactly(new Outcome.SourceConflict("p2"));
    assertThat(log(one, 0)).hasSize(2);
  }

  @Test
  void theStatesFollowThoughTheAgentThatFoldedIsGone() throws StoreException {
    Store one = open();
    Store other = open();
    append(one, insert("video", "a"));
    one.close();
    append(other, insert("video", "b"));
    assertThat(other.bounds().folded()).isEqualTo(2);
  }
}
