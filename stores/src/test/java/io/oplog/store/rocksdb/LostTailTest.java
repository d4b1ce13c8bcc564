package io.oplog.store.rocksdb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.moving;
import static io.oplog.testkit.Operations.submission;
import static io.oplog.testkit.Operations.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.core.store.LogPage;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.ReadEvent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of the log is not there any more, and what that means at each durability level. */
class LostTailTest {
  @TempDir Path temporary;

  private Path directory() {
    return temporary.resolve("store");
  }

  private static RocksOptions at(Durability level) {
    return RocksOptions.defaults().withDurability(level);
  }

  /** A store of ten operations that was killed, with the last of its write-ahead log cut off. */
  private Path cut(Durability level, int bytes) throws StoreException, IOException {
    try (RocksStore store = RocksStore.open(directory(), at(level))) {
      for (int i = 0; i < 10; i++) {
        store.append(List.of(submission(insert("video", "x" + i))));
      }
      store.append(List.of(moving("crm", null, "p1")));
      Contents.awaitFold(store);
      Path killed = StoreFiles.copyAtRest(directory(), temporary.resolve("killed"));
      truncate(writeAheadLog(killed), bytes);
      return killed;
    }
  }

  private static Path writeAheadLog(Path store) throws IOException {
    return StoreFiles.in(store).stream()
        .filter(file -> file.startsWith("log") && file.toString().endsWith(".log"))
        .reduce((_, last) -> last)
        .map(store::resolve)
        .orElseThrow();
  }

  private static void truncate(Path file, int bytes) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(open.length() - bytes);
    }
  }

  /** Makes it look as if the machine had started anew since. */
  private static void reboot(Path store) throws IOException {
    Path mark = store.resolve("acknowledged");
    Files.write(mark, Mark.rebooted(Files.readAllBytes(mark)));
  }

  @Test
  void acknowledgedOperationsThatAreGoneAfterAKillAreDamage() throws Exception {
    for (Durability level : Durability.values()) {
      Path killed = cut(level, 300);
      assertThatThrownBy(() -> RocksStore.open(killed, at(level)))
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining("acknowledged");
      StoreFiles.wipe(killed);
      StoreFiles.wipe(directory());
    }
  }

  @Test
  void aSourceMoveThatIsGoneIsDamageThoughNoOperationIs() throws Exception {
    Path killed = cut(Durability.DISK, 5);
    assertThatThrownBy(() -> RocksStore.open(killed, at(Durability.DISK)))
        .isInstanceOf(StoreException.Damaged.class);
  }

  @Test
  void onTheDiskMeansOnTheDiskThoughTheMachineStartedAnew() throws Exception {
    Path killed = cut(Durability.DISK, 300);
    reboot(killed);
    assertThatThrownBy(() -> RocksStore.open(killed, at(Durability.DISK)))
        .isInstanceOf(StoreException.Damaged.class);
  }

  @Test
  void withTheOperatingSystemAPowerFailureMayTakeTheNewest() throws Exception {
    Path killed = cut(Durability.OS, 300);
    reboot(killed);
    try (RocksStore store = RocksStore.open(killed, at(Durability.OS))) {
      assertThat(store.bounds().head()).isBetween(1L, 9L);
      Contents.awaitFold(store);
      assertThat(Contents.states(store)).hasSize((int) store.bounds().head());
      store.append(List.of(submission(insert("video", "after"))));
    }
  }

  @Test
  void statesThatOutliveTheLogsTailAreGoneOnFrom() throws Exception {
    Path older;
    try (RocksStore store = RocksStore.open(directory(), at(Durability.OS))) {
      store.append(List.of(submission(insert("video", "a"), insert("video", "b"))));
      older = StoreFiles.copyAtRest(directory(), temporary.resolve("older"));
      store.append(List.of(submission(update("video", "a"), insert("video", "c"))));
      Contents.awaitFold(store);
    }
    StoreFiles.wipe(directory().resolve("log"));
    StoreFiles.copy(older.resolve("log"), directory().resolve("log"));
    assertThatThrownBy(() -> RocksStore.open(directory(), at(Durability.OS)))
        .isInstanceOf(StoreException.Damaged.class);
    reboot(directory());
    try (RocksStore store = RocksStore.open(directory(), at(Durability.OS))) {
      assertThat(store.bounds().head()).isEqualTo(4);
      assertThat(store.bounds().first()).isEqualTo(5);
      assertThat(store.readLog(2, 1000)).isInstanceOf(LogPage.Trimmed.class);
      store.append(List.of(submission(insert("video", "d"))));
      Contents.awaitFold(store);
      assertThat(Contents.states(store))
          .extracting(ReadEvent::sequence)
          .containsExactly(2L, 3L, 4L, 5L);
    }
    try (RocksStore store = RocksStore.open(directory(), at(Durability.OS))) {
      assertThat(Contents.log(store)).extracting(ReadEvent::sequence).containsExactly(5L);
    }
  }

  @Test
  void statesThatWereRemovedAreMadeAnewWhileTheWholeLogIsThere() throws Exception {
    try (RocksStore store = RocksStore.open(directory(), at(Durability.DISK))) {
      store.append(List.of(submission(insert("video", "a"), update("video", "a"))));
    }
    StoreFiles.wipe(directory().resolve("states"));
    try (RocksStore store = RocksStore.open(directory(), at(Durability.DISK))) {
      Contents.awaitFold(store);
      assertThat(Contents.states(store)).hasSize(1);
    }
  }
}
