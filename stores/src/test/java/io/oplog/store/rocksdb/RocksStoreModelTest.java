package io.oplog.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.Retention;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.model.ModelRun;
import io.oplog.testkit.model.ModelSeeds;
import io.oplog.testkit.model.Tally;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksStoreModelTest {
  private static final List<String> MUST_BE_REACHED =
      List.of(
          "row: from now",
          "row: 0",
          "row: milliseconds",
          "row: milliseconds to come",
          "row: id in the log",
          "row: id in the log with later seconds",
          "row: id that left the log",
          "row: reset for incarnation",
          "row: reset for lost-history",
          "reset: requested",
          "reset: incarnation",
          "reset: lost-history",
          "reset: deletes-dropped",
          "place overwritten while reading",
          "fold paused",
          "connected while the fold is paused",
          "states behind what was seen of them",
          "clock: back",
          "clock: jumped",
          "restart",
          "kill",
          "restore",
          "log compared",
          "states compared",
          "consumer is whole");

  @TempDir Path temporary;

  @Test
  void consumersThatAreCutAnywhereHoldWhatTheModelHolds() throws StoreException, IOException {
    Tally tally = new Tally();
    for (long seed : ModelSeeds.seeds(10)) {
      try (ModelRun run = new ModelRun(seed, tally, (clock, kept) -> open(seed, clock, kept))) {
        run.steps(300);
      } catch (AssertionError | StoreException | RuntimeException e) {
        throw new AssertionError(ModelSeeds.again("stores", "RocksStoreModelTest", seed), e);
      }
    }
    System.out.println(tally);
    if (!ModelSeeds.isOneAskedFor()) {
      assertThat(MUST_BE_REACHED).allSatisfy(what -> assertThat(tally.of(what)).isPositive());
    }
  }

  private ModelRun.Subject open(long seed, ManualClock clock, Retention retention)
      throws StoreException {
    RocksOptions options =
        RocksOptions.defaults()
            .withDurability(Durability.OS)
            .withClock(clock)
            .withRetention(retention);
    return new Subject(temporary.resolve("seed" + seed), options);
  }

  private static final class Subject implements ModelRun.Subject {
    private final Path root;
    private final RocksOptions options;
    private Path directory;
    private RocksStore store;
    private int moves;

    Subject(Path root, RocksOptions options) throws StoreException {
      this.root = root;
      this.options = options;
      this.directory = root.resolve("0");
      this.store = RocksStore.open(directory, options);
    }

    @Override
    public Store store() {
      return store;
    }

    @Override
    public void limitFold(long sequence) {
      store.limitFold(sequence);
    }

    @Override
    public boolean outlivesRestarts() {
      return true;
    }

    @Override
    public void restart(boolean cleanly) throws StoreException, IOException {
      if (cleanly) {
        store.close();
      } else {
        Path killed = StoreFiles.copyAtRest(directory, root.resolve(Integer.toString(++moves)));
        store.close();
        StoreFiles.wipe(directory);
        directory = killed;
      }
      store = RocksStore.open(directory, options, 0);
    }

    @Override
    public void backUp() throws StoreException, IOException {
      store.close();
      Path backup = root.resolve("backup");
      if (Files.exists(backup)) {
        StoreFiles.wipe(backup);
      }
      StoreFiles.copy(directory, backup);
      store = RocksStore.open(directory, options, 0);
    }

    @Override
    public void restore() throws StoreException, IOException {
      store.close();
      StoreFiles.wipe(directory);
      StoreFiles.copy(root.resolve("backup"), directory);
      store = RocksStore.open(directory, options, 0);
    }

    @Override
    public void close() throws StoreException {
      store.close();
      try {
        StoreFiles.wipe(root);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
