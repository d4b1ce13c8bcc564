package io.oplog.store.rocksdb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.oplog.core.store.LogBatch;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.core.store.Submission;
import io.oplog.protocol.FrameEncoder;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.Operations;
import io.oplog.testkit.ReadEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk fills up under the store, and somebody makes room. Needs the right to mount. */
class DiskFullTest {
  private static final int MOST_APPENDS = 5000;

  @TempDir Path disk;

  private final ManualClock clock = new ManualClock();
  private final List<LogBatch> told = new ArrayList<>();
  private boolean mounted;
  private int made;

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk.toString());
    assumeTrue(mounted, "no right to mount a small file system");
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    if (mounted) {
      run("umount", disk.toString());
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException _) {
      return false; // no such program here
    }
  }

  @Test
  void producersAreToldReadersGoOnAndRoomMendsIt() throws StoreException, IOException {
    Path filler = disk.resolve("filler");
    Files.write(filler, new byte[16 << 20]);
    Path directory = disk.resolve("store");
    try (RocksStore store = RocksStore.open(directory, RocksOptions.defaults().withClock(clock))) {
      store.listen(listener());
      long acknowledged = fill(store);

      assertThat(Contents.log(store)).hasSizeGreaterThanOrEqualTo((int) acknowledged);
      assertThatThrownBy(() -> append(store)).isInstanceOf(StoreException.Unavailable.class);
      clock.pass(Duration.ofSeconds(2));
      assertThatThrownBy(() -> append(store))
          .isInstanceOf(StoreException.Unavailable.class)
          .hasMessageContaining("full");
      assertThatThrownBy(store::check).isInstanceOf(StoreException.Unavailable.class);
      assertThat(Contents.log(store)).hasSizeGreaterThanOrEqualTo((int) acknowledged);

      Files.delete(filler);
      clock.pass(Duration.ofSeconds(2));
      append(store);
      store.check();
      requireWhole(store);
    }
    try (RocksStore again = RocksStore.open(directory, RocksOptions.defaults())) {
      requireWhole(again);
    }
  }

  private StoreListener listener() {
    return new StoreListener() {
      @Override
      public void committed(LogBatch batch) {
        told.add(batch);
      }

      @Override
      public void folded(long sequence) {}
    };
  }

  private void append(RocksStore store) throws StoreException {
    FrameEncoder encoder = new FrameEncoder();
    for (int i = 0; i < 100; i++) {
      encoder.add(Operations.insert("video", "x" + made++, "user/" + "u".repeat(80)));
    }
    store.append(List.of(new Submission(encoder.take(), null)));
  }

  /** Appends until the disk is full; returns the last sequence that was acknowledged. */
  private long fill(RocksStore store) {
    for (int i = 0; i < MOST_APPENDS; i++) {
      try {
        append(store);
      } catch (StoreException e) {
        assertThat(e).isInstanceOf(StoreException.Unavailable.class);
        return store.bounds().head();
      }
    }
    throw new AssertionError("the disk did not fill up");
  }

  /** Every acknowledged operation is there, and the states are the log's. */
  private void requireWhole(RocksStore store) throws StoreException {
    List<ReadEvent> log = Contents.log(store);
    assertThat(log).hasSize((int) store.bounds().head());
    assertThat(told).allSatisfy(batch -> requireIn(log, batch));
    Contents.awaitFold(store);
    assertThat(Contents.states(store)).extracting(ReadEvent::object).hasSize(log.size());
  }

  private static void requireIn(List<ReadEvent> log, LogBatch batch) {
    assertThat(log.subList((int) batch.first() - 1, (int) batch.last()))
        .isEqualTo(ReadEvent.of(batch.frames()));
  }

  @Test
  void aStoreThatCannotBeMadeForWantOfRoomSaysSo() throws IOException {
    Files.write(disk.resolve("filler"), new byte[(32 << 20) - 8192]);
    assertThatThrownBy(
            () -> {
              try (RocksStore store =
                  RocksStore.open(disk.resolve("store"), RocksOptions.defaults())) {
                store.append(List.of(submission(insert("video", "a"))));
              }
            })
        .isInstanceOf(StoreException.class);
  }
}
