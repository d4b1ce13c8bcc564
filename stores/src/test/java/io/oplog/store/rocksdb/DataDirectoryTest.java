package io.oplog.store.rocksdb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.core.store.StoreException;
import io.oplog.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path folder;

  private static void open(Path directory) throws StoreException {
    RocksStore.open(directory, RocksOptions.defaults()).close();
  }

  @Test
  void aDirectoryOfSomebodyElseIsLeftAlone() throws IOException {
    Files.writeString(folder.resolve("passwd"), "root");
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(StoreException.Misplaced.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("passwd");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aFolderNamedLogIsNotTakenForAStore() throws IOException {
    Files.createDirectory(folder.resolve("log"));
    assertThatThrownBy(() -> open(folder)).isInstanceOf(StoreException.Misplaced.class);
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(StoreException.Misplaced.class)
        .hasMessageContaining("not a directory");
  }

  @Test
  void aNewFileSystemWillDo() throws IOException, StoreException {
    Files.createDirectory(folder.resolve("lost+found"));
    open(folder);
    open(folder);
  }

  @Test
  void aStartThatWasKilledBeforeItsFirstFileIsGoneOnWith() throws IOException, StoreException {
    Files.writeString(folder.resolve("lock"), "");
    Files.createDirectory(folder.resolve("log"));
    open(folder);
  }

  @Test
  void aDirectoryThatWasReplacedTakesNothingUntilItIsBack() throws IOException, StoreException {
    Path directory = folder.resolve("store");
    Path away = folder.resolve("away");
    ManualClock clock = new ManualClock();
    try (RocksStore store = RocksStore.open(directory, RocksOptions.defaults().withClock(clock))) {
      store.append(List.of(submission(insert("video", "a"))));
      Files.move(directory, away);
      requireGone(store, clock);
      Files.createDirectory(directory);
      Files.createFile(directory.resolve("lock"));
      requireGone(store, clock);
      StoreFiles.wipe(directory);
      Files.move(away, directory);
      clock.pass(Duration.ofSeconds(2));
      store.append(List.of(submission(insert("video", "b"))));
      store.check();
    }
  }

  @Test
  void aDirectoryThatLostItsLogOrItsStatesTakesNothingUntilTheyAreBack()
      throws IOException, StoreException {
    Path directory = folder.resolve("store");
    Path away = folder.resolve("away");
    ManualClock clock = new ManualClock();
    try (RocksStore store = RocksStore.open(directory, RocksOptions.defaults().withClock(clock))) {
      store.append(List.of(submission(insert("video", "a"))));
      for (String part : List.of("log", "states")) {
        Files.move(directory.resolve(part), away);
        requireGone(store, clock);
        Files.move(away, directory.resolve(part));
        clock.pass(Duration.ofSeconds(2));
        store.check();
      }
    }
  }

  private static void requireGone(RocksStore store, ManualClock clock) {
    clock.pass(Duration.ofSeconds(2));
    assertThatThrownBy(() -> store.append(List.of(submission(insert("video", "x")))))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("was removed or replaced, or a part");
    assertThatThrownBy(store::check).hasMessageContaining("was removed or replaced, or a part");
    assertThat(store.bounds().head()).isEqualTo(1);
  }

  @Test
  void aLockThatCannotBeMadeIsToldInPlainWords() throws IOException {
    Files.createDirectory(folder.resolve("lock"));
    assertThatThrownBy(() -> open(folder))
        .isInstanceOf(StoreException.Misplaced.class)
        .hasMessageContaining("cannot lock")
        .hasMessageEndingWith(": is a directory");
  }

  @Test
  void whatAnOperatorPutBesideAStoreDoesNotMatter() throws IOException, StoreException {
    open(folder);
    Files.writeString(folder.resolve("NOTES"), "ours");
    open(folder);
  }
}
