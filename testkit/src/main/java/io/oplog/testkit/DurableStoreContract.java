package io.oplog.testkit;

import static io.oplog.testkit.Operations.delete;
import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.moving;
import static io.oplog.testkit.Operations.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.FrameFilter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link Store} keeps to whose data outlives it. */
public abstract class DurableStoreContract extends StoreContract {
  private static final StateRead ALL = new StateRead(0, 0, 0, 0, FrameFilter.ALL, 1 << 20);

  /** Copies the data of the store, which is closed, as an operator would. */
  protected abstract void keepCopy() throws Exception;

  /** Puts the copy in the place of the data of the store, which is closed. */
  protected abstract void putCopyBack() throws Exception;

  @Test
  void reopeningKeepsEverything() throws StoreException {
    Store store = open();
    append(store, insert("video", "a", "user/1"), insert("video", "b"));
    append(store, update("video", "a", "user/2"), delete("video", "b"));
    store.append(List.of(moving("crm", null, "p1", insert("video", "c"))));
    awaitFold(store);
    int incarnation = store.incarnation();
    Bounds before = store.bounds();
    List<ReadEvent> log = log(store, 0);
    List<String> states = states(store, ALL);
    store.close();

    Store again = open();
    awaitFold(again);
    assertThat(again.incarnation()).isEqualTo(incarnation);
    assertThat(again.bounds()).isEqualTo(before);
    assertThat(log(again, 0)).isEqualTo(log);
    assertThat(states(again, ALL)).isEqualTo(states);
    assertThat(again.sourceToken("crm")).contains("p1");
  }

  @Test
  void whatRetentionDroppedStaysDropped() throws StoreException {
    Retention least = new Retention(Duration.ZERO, Long.MAX_VALUE, Duration.ZERO);
    Store store = open(least);
    append(store, insert("video", "a"), delete("video", "a"));
    append(store, insert("video", "b"));
    clock.pass(HOUR);
    store.enforceRetention();
    Bounds before = store.bounds();
    assertThat(before.first()).isEqualTo(3);
    assertThat(before.floor().sequence()).isEqualTo(2);
    store.close();
    assertThat(open(least).bounds()).isEqualTo(before);
  }

  @Test
  void appendsGoOnAfterReopening() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"));
    long before = store.bounds().headMillis();
    store.close();
    clock.step(HOUR.negated());
    Store again = open();
    append(again, insert("video", "b"));
    assertThat(log(again, 0)).extracting(ReadEvent::sequence).containsExactly(1L, 2L);
    assertThat(again.bounds().headMillis() / 1000).isGreaterThan(before / 1000);
  }

  @Test
  void idsOfAHistoryThatWasLostAreKnown() throws Exception {
    Store store = open();
    append(store, insert("video", "a"), insert("video", "b"));
    List<ReadEvent> kept = log(store, 0);
    store.close();
    keepCopy();

    Store before = open();
    append(before, insert("video", "lost"), insert("video", "lost too"));
    List<ReadEvent> lost = log(before, 2);
    before.close();
    clock.pass(Duration.ofSeconds(5));
    putCopyBack();

    Store after = open();
    append(after, insert("video", "c"), insert("video", "d"), insert("video", "e"));
    assertThat(lost).hasSize(2).allMatch(event -> after.lost(event.id()));
    assertThat(kept).noneMatch(event -> after.lost(event.id()));
    assertThat(log(after, 2)).hasSize(3).noneMatch(event -> after.lost(event.id()));
  }

  @Test
  void theSecondOfAnEmptyLogNeverFalls() throws StoreException {
    Store store = open();
    long given = store.bounds().headSecond();
    store.close();
    clock.step(Duration.ofHours(-1));
    assertThat(open().bounds().headSecond()).isGreaterThanOrEqualTo(given);
  }

  @Test
  void manyOpeningsDoNotMakeGivenIdsLost() throws StoreException {
    for (int i = 0; i < 10; i++) {
      Store store = open();
      if (i % 3 == 1) {
        append(store, insert("video", "x" + i));
      }
      assertThat(log(store, 0)).noneMatch(event -> store.lost(event.id()));
      store.close();
    }
  }
}
