package io.oplog.server.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.sync.DeleteLimit;
import io.oplog.client.sync.Difference;
import io.oplog.client.sync.DumpException;
import io.oplog.client.sync.Report;
import io.oplog.client.sync.StateDump;
import io.oplog.client.sync.Sync;
import io.oplog.client.sync.SyncOptions;
import io.oplog.client.sync.SyncProgress;
import io.oplog.client.sync.TooManyDeletesException;
import io.oplog.client.sync.sort.Scratch;
import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.OperationLines;
import io.oplog.testkit.Operations;
import io.oplog.testkit.ReadEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sync sends, case by case. */
class SyncTest {
  /** Pages of one event, and no answer is heard. */
  private static final class Unlucky extends Random {
    private static final long serialVersionUID = 1L;

    @Override
    public int nextInt(int bound) {
      return 0;
    }
  }

  @TempDir Path folder;

  private MemoryStore store = new MemoryStore();
  private Runnable between = () -> {};
  private SyncProgress progress = SyncProgress.SILENT;

  private void produce(Operation... operations) {
    try {
      var _ = store.append(List.of(new Submission(Operations.frames(operations), null)));
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Operation of(OperationKind kind, String id, long millis, String... parents) {
    return new Operation(kind, "video", id, List.of(parents), millis);
  }

  private static Operation insert(String id, long millis, String... parents) {
    return of(OperationKind.INSERT, id, millis, parents);
  }

  private static Operation update(String id, long millis, String... parents) {
    return of(OperationKind.UPDATE, id, millis, parents);
  }

  private static Operation delete(String id, long millis, String... parents) {
    return of(OperationKind.DELETE, id, millis, parents);
  }

  private static SyncOptions options(Set<String> types, String maxDeletes) {
    return new SyncOptions(types, OptionalLong.empty(), DeleteLimit.parse(maxDeletes), false, 100);
  }

  private Report sync(Operation... dump) throws IOException, InterruptedException {
    return sync(options(Set.of(), "100%"), dump);
  }

  private Report sync(SyncOptions options, Operation... dump)
      throws IOException, InterruptedException {
    OperationLines lines = new OperationLines();
    Arrays.stream(dump).forEach(lines::addState);
    try (Scratch scratch = Scratch.in(folder)) {
      StoreLog log = new StoreLog(store, new Unlucky(), () -> between.run());
      Sync sync = new Sync(log, options, progress, scratch);
      sync.recover();
      Difference difference =
          sync.compare(new ByteArrayInputStream(lines.bytes(), 0, lines.length()));
      return sync.send(difference);
    }
  }

  /** Everything in the log after some operations. */
  private List<Operation> logAfter(int operations) throws StoreException {
    return ReadEvent.of(((LogPage.Read) store.readLog(operations, 1 << 20)).frames()).stream()
        .map(ReadEvent::operation)
        .toList();
  }

  @Test
  void onlyWhatDiffersIsSent() throws Exception {
    produce(insert("same", 1), insert("old", 1), insert("gone", 1), insert("newer", 9));
    Report report =
        sync(insert("same", 1), insert("old", 2), insert("newer", 8), insert("missing", 5));
    assertThat(logAfter(4))
        .containsExactly(delete("gone", 7), insert("missing", 5), update("old", 2));
    assertThat(report.total()).isEqualTo(new Report.Counts(1, 1, 1, 1, 1, 0));
    assertThat(report.age()).isEqualTo(8);
    assertThat(sync(insert("same", 1), insert("old", 2), insert("newer", 8), insert("missing", 5)))
        .extracting(Report::total)
        .isEqualTo(new Report.Counts(0, 0, 0, 1, 3, 0));
  }

  /** Of one moment, that of the dump's newest object, nobody knows whether it was before. */
  @Test
  void whatIsMadeAnewAtTheMomentOfTheDumpIsNewerThanItsDeletion() throws Exception {
    produce(insert("x", 1), insert("y", 5));
    sync(insert("y", 5));
    assertThat(logAfter(2)).containsExactly(delete("x", 4));
    sync(insert("x", 5), insert("y", 5));
    assertThat(logAfter(3)).containsExactly(insert("x", 5));
  }

  @Test
  void whoFiltersByAParentThatAnObjectLeftHearsOfIt() throws Exception {
    produce(insert("x", 1, "a", "b"));
    Report report = sync(update("x", 2, "b", "c"));
    assertThat(logAfter(1))
        .containsExactly(update("x", 2, "b", "c", "a"), update("x", 2, "b", "c"));
    assertThat(report.total().updated()).isEqualTo(1);
    sync(update("x", 3, "b", "c", "d"));
    assertThat(logAfter(3)).containsExactly(update("x", 3, "b", "c", "d"));
  }

  @Test
  void aDeletionNamesTheParentsThatTheObjectHad() throws Exception {
    produce(insert("x", 1, "a"));
    sync(insert("y", 5));
    assertThat(logAfter(1)).contains(delete("x", 4, "a"));
  }

  @Test
  void typesThatTheDumpDoesNotHaveAreLeftAloneUnlessTheyAreNamed() throws Exception {
    produce(new Operation(OperationKind.INSERT, "user", "u", List.of(), 1));
    sync(insert("y", 5));
    assertThat(logAfter(1)).containsExactly(insert("y", 5));
    sync(options(Set.of("user", "video"), "1"), insert("y", 5));
    assertThat(logAfter(2))
        .containsExactly(new Operation(OperationKind.DELETE, "user", "u", List.of(), 4));
    sync(options(Set.of("video"), "1"), insert("y", 5), insert("z", 5));
    assertThat(logAfter(3)).containsExactly(insert("z", 5));
  }

  @Test
  void nothingIsSentWhenTooMuchWouldBeDeletedOrAnObjectComesTwice() throws Exception {
    produce(insert("a", 1), insert("b", 1), insert("c", 1));
    assertThatThrownBy(() -> sync(options(Set.of(), "1"), insert("c", 1), insert("d", 5)))
        .isInstanceOf(TooManyDeletesException.class)
        .hasMessageContaining("2 of 3 objects would be deleted, more than the limit of 1");
    assertThatThrownBy(() -> sync(insert("c", 1), insert("d", 5), insert("c", 2)))
        .isInstanceOf(DumpException.class)
        .hasMessage("lines 1 and 3 are of the same object, video/c");
    assertThatThrownBy(() -> sync())
        .isInstanceOf(DumpException.class)
        .hasMessage("the dump is empty");
    assertThat(logAfter(3)).isEmpty();
  }

  private static SyncOptions oneByOne() {
    return new SyncOptions(Set.of(), OptionalLong.empty(), DeleteLimit.parse("1%"), false, 1);
  }

  @Test
  void aRunThatIsStoppedBetweenTwoBatchesSaidHowMuchWasSentAndMayBeRepeated() throws Exception {
    produce(insert("x", 9));
    Operation[] dump = {insert("a", 1), insert("b", 1), insert("c", 1), insert("x", 8)};
    List<String> sent = new ArrayList<>();
    progress =
        new SyncProgress() {
          @Override
          public void reached(Phase phase, long done, long of) {
            if (phase == Phase.SENDING) {
              sent.add(done + " of " + of);
            }
            if (done == 2 && phase == Phase.SENDING) {
              throw new CancellationException();
            }
          }
        };
    assertThatThrownBy(() -> sync(oneByOne(), dump)).isInstanceOf(CancellationException.class);
    assertThat(sent).containsExactly("0 of 3", "1 of 3", "2 of 3");
    assertThat(logAfter(1)).containsExactly(insert("a", 1), insert("b", 1));
    progress = SyncProgress.SILENT;
    assertThat(sync(oneByOne(), dump).total().inserted()).isEqualTo(1);
    assertThat(logAfter(3)).containsExactly(insert("c", 1));
  }

  @Test
  void theProgressOfADumpCountsObjectsAndEndsWithAllOfThem() throws Exception {
    produce(insert("a", 1), insert("b", 1), insert("c", 1), delete("b", 2));
    List<String> written = new ArrayList<>();
    SyncProgress hears =
        new SyncProgress() {
          @Override
          public void reached(Phase phase, long done, long of) {
            if (phase == Phase.WRITING) {
              written.add(done + " of " + of);
            }
          }
        };
    try (Scratch scratch = Scratch.in(folder)) {
      StoreLog log = new StoreLog(store, new Unlucky(), () -> {});
      new StateDump(log, hears, scratch).write(Set.of(), OutputStream.nullOutputStream());
    }
    assertThat(written).startsWith("1 of 3").endsWith("2 of 2");
  }

  /**
   * A late operation reads as ours does, a deletion follows it, and where ours is was not heard.
   */
  @Test
  void whatReadsLikeOursDoesNotHideWhatCameBetween() throws Exception {
    boolean reached = true;
    for (int step = 1; reached; step++) {
      reached = isProducedBefore(step);
    }
  }

  /** Whether a sync had so many steps. */
  private boolean isProducedBefore(int step) throws Exception {
    store = new MemoryStore();
    produce(insert("other", 1));
    AtomicInteger steps = new AtomicInteger(step);
    between =
        () -> {
          if (steps.decrementAndGet() == 0) {
            produce(insert("x", 5), delete("x", 7));
          }
        };
    sync(insert("other", 1), insert("x", 5));
    boolean produced = steps.get() <= 0;
    assertThat(lastOf("x", logAfter(0)).kind())
        .as("produced before step %d", step)
        .isEqualTo(produced ? OperationKind.DELETE : OperationKind.INSERT);
    return produced;
  }

  private static Operation lastOf(String id, List<Operation> log) {
    return log.stream().filter(o -> o.id().equals(id)).reduce((a, b) -> b).orElseThrow();
  }
}
