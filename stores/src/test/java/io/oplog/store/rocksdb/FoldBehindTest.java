package io.oplog.store.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.OperationKind;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.Operations;
import io.oplog.testkit.ReadEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kill throws the states back: who has seen more of them must not see the past for the present.
 */
class FoldBehindTest {
  private final ManualClock clock = new ManualClock();
  @TempDir Path directory;
  private RocksStore store;

  @BeforeEach
  void open() throws StoreException {
    store = RocksStore.open(directory, RocksOptions.defaults().withClock(clock), 2);
    append(OperationKind.INSERT, "x");
    append(OperationKind.INSERT, "y");
    append(OperationKind.DELETE, "y");
    append(OperationKind.INSERT, "z");
    awaitFold(2);
  }

  @AfterEach
  void close() throws StoreException {
    store.close();
  }

  private void append(OperationKind kind, String id) throws StoreException {
    clock.pass(Duration.ofSeconds(10));
    FrameEncoder encoder = new FrameEncoder();
    encoder.add(Operations.of(kind, "video", id));
    store.append(List.of(new Submission(encoder.take(), null)));
  }

  private void awaitFold(long sequence) {
    while (store.bounds().folded() < sequence) {
      Thread.onSpinWait();
    }
  }

  private StatePage read(long since, long ignoreDeletesThrough) throws StoreException {
    return store.readStates(
        new StateRead(1, 0, since, ignoreDeletesThrough, FrameFilter.ALL, 1 << 16));
  }

  @Test
  void aReplicationThatBeganAfterADeletionWaitsUntilTheStatesKnowIt() throws StoreException {
    long since = store.bounds().headMillis() / 1000;
    assertThat(read(since, 0)).isEqualTo(new StatePage.FoldBehind(2));
    store.limitFold(3);
    awaitFold(3);
    assertThat(read(since, 0)).isEqualTo(new StatePage.FoldBehind(3));
    store.limitFold(4);
    awaitFold(4);
    StatePage.Read page = (StatePage.Read) read(since, 0);
    assertThat(ReadEvent.of(page.frames())).extracting(ReadEvent::sequence).containsExactly(4L);
  }

  @Test
  void aReplicationThatBeganAtAFoldPositionWaitsForIt() throws StoreException {
    assertThat(read(0, 3)).isEqualTo(new StatePage.FoldBehind(2));
    assertThat(read(0, 2)).isInstanceOf(StatePage.Read.class);
  }

  @Test
  void statesAtTheSecondOfTheReaderHoldAllThatWasBefore() throws StoreException {
    long second = store.commitMillis(2).orElseThrow() / 1000;
    assertThat(read(second, 0)).isInstanceOf(StatePage.Read.class);
    assertThat(read(second + 1, 0)).isInstanceOf(StatePage.FoldBehind.class);
  }

  @Test
  void whatIsDurableIsWhatWasWrittenAndNotWhatTheBoundsSay() throws StoreException {
    LiveBounds bounds = new LiveBounds();
    try (Tuning tuning = Tuning.ofStates(RocksOptions.defaults());
        States states = new States(directory.resolve("others"), tuning, bounds, false)) {
      states.open(true, 1, 0);
      BatchBytes batch = new BatchBytes(64);
      States.putFold(batch, 5, 0);
      states.write(batch);
      bounds.folded(9, 0);
      states.flush();
      assertThat(states.durableFold()).isEqualTo(5);
      assertThat(bounds.now().folded()).isEqualTo(9);
    }
  }
}
