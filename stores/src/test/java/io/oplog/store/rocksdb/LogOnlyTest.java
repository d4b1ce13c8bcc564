package io.oplog.store.rocksdb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.oplog.core.store.LogPage;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.FrameFilter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is read once and dropped: the spool of an agent. */
class LogOnlyTest {
  private static final int OPERATIONS = 1000;

  @TempDir Path folder;
  private final RocksOptions whole = RocksOptions.defaults().withDurability(Durability.OS);
  private final RocksOptions spool =
      whole.withRetention(Retention.FOREVER.withLogBytes(0)).withLogOnly(200_000);

  private static void fill(RocksStore store) throws StoreException {
    for (int i = 0; i < OPERATIONS; i++) {
      store.append(List.of(submission(insert("video", "v" + i))));
    }
    await().until(() -> store.bounds().folded() == store.bounds().head());
  }

  @Test
  void whatMustBeKeptIsKeptAndTheRestLeavesTheLogWithoutAState() throws Exception {
    try (RocksStore store = RocksStore.open(folder, spool)) {
      store.keepAfter(0);
      fill(store);
      store.enforceRetention();
      assertThat(store.bounds().first()).isEqualTo(1);
      store.keepAfter(900);
      store.enforceRetention();
      assertThat(store.bounds().first()).isEqualTo(901);
      assertThat(((LogPage.Read) store.readLog(900, 1 << 20)).frames().count()).isEqualTo(100);
    }
    try (RocksStore again = RocksStore.open(folder, spool)) {
      again.keepAfter(900);
      again.append(List.of(submission(insert("video", "more"))));
      assertThat(again.bounds().first()).isEqualTo(901);
      assertThat(again.bounds().head()).isEqualTo(OPERATIONS + 1L);
      StateRead all = new StateRead(0, 0, 0, 0, FrameFilter.ALL, 1 << 20);
      assertThat(((StatePage.Read) again.readStates(all)).frames().count()).isZero();
    }
  }

  @Test
  void aFullLogRefusesUntilThereIsRoomAgain() throws Exception {
    try (RocksStore store = RocksStore.open(folder, spool)) {
      store.keepAfter(0);
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> fill(store, 10_000))
          .withMessageContaining("the log is full: ")
          .withMessageContaining(" of 200,000");
      assertThatExceptionOfType(StoreException.Unavailable.class).isThrownBy(store::check);
      assertThat(store.bounds().logBytes()).isBetween(200_000L, 210_000L);
      await().until(() -> store.bounds().folded() == store.bounds().head());
      store.keepAfter(store.bounds().head() - 10);
      store.enforceRetention();
      store.check();
      store.append(List.of(submission(insert("video", "more"))));
    }
  }

  private static void fill(RocksStore store, int operations) throws StoreException {
    for (int i = 0; i < operations; i++) {
      store.append(List.of(submission(insert("video", "v" + i))));
    }
  }

  @Test
  void aServersFolderIsNoSpoolAndASpoolNoServersFolder() throws Exception {
    Path server = folder.resolve("server");
    Path agent = folder.resolve("agent");
    try (RocksStore store = RocksStore.open(server, whole);
        RocksStore spooled = RocksStore.open(agent, spool)) {
      fill(store, 10);
      fill(spooled, 10);
      await().until(() -> store.bounds().folded() == 10 && spooled.bounds().folded() == 10);
    }
    assertThatExceptionOfType(StoreException.Misplaced.class)
        .isThrownBy(() -> RocksStore.open(server, spool).close())
        .withMessageContaining("wants a folder of its own");
    assertThatExceptionOfType(StoreException.Misplaced.class)
        .isThrownBy(() -> RocksStore.open(agent, whole).close())
        .withMessageContaining("the spool of an agent");
  }
}
