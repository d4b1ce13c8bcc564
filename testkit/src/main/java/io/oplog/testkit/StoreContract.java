package io.oplog.testkit;

import static io.oplog.testkit.Operations.delete;
import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.moving;
import static io.oplog.testkit.Operations.submission;
import static io.oplog.testkit.Operations.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.Bounds.Floor;
import io.oplog.core.store.LogBatch;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.Frames;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link Store} keeps to. A backend extends this and says how it is opened; one whose
 * data outlives it extends {@link DurableStoreContract}.
 *
 * <p>The file is long because a contract is read in one piece.
 */
public abstract class StoreContract {
  protected static final Duration HOUR = Duration.ofHours(1);

  protected final ManualClock clock = new ManualClock();
  private final List<Store> opened = new CopyOnWriteArrayList<>();

  @TempDir protected Path directory;

  /** Opens a store; the kit closes it. */
  protected abstract Store open(StoreSetup setup) throws StoreException;

  protected Store open(Retention retention) throws StoreException {
    Store store = open(new StoreSetup(directory, clock, retention));
    opened.add(store);
    return store;
  }

  protected Store open() throws StoreException {
    return open(Retention.FOREVER);
  }

  @AfterEach
  void closeAll() throws StoreException {
    for (Store store : opened) {
      store.close();
    }
    removeData();
  }

  /** Takes away what the closed stores left outside of {@link #directory}. */
  protected void removeData() {
    // most leave nothing
  }

  /** Appends one submission and waits until the states have followed. */
  protected static void append(Store store, Operation... operations) throws StoreException {
    store.append(List.of(submission(operations)));
    awaitFold(store);
  }

  /** Waits until the states have followed the log to its head. */
  protected static void awaitFold(Store store) {
    quickly().until(() -> store.bounds().folded() == store.bounds().head());
  }

  private static ConditionFactory quickly() {
    return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
  }

  /** Everything in the log after a sequence. */
  protected static List<ReadEvent> log(Store store, long after) throws StoreException {
    return ReadEvent.of(((LogPage.Read) store.readLog(after, 1 << 20)).frames());
  }

  private static StateRead from(long after) {
    return new StateRead(after, 0, 0, 0, FrameFilter.ALL, 1 << 20);
  }

  private static StateRead filtered(Filter filter) {
    return new StateRead(0, 0, 0, 0, new FrameFilter(filter), 1 << 20);
  }

  private static Filter types(String... types) {
    return new Filter(Set.of(types), Set.of());
  }

  private static Filter parents(String... parents) {
    return new Filter(Set.of(), Set.of(parents));
  }

  /** One page of states, as text. */
  protected static List<String> states(Store store, StateRead read) throws StoreException {
    return texts(((StatePage.Read) store.readStates(read)).frames());
  }

  private static List<String> texts(Frames frames) {
    return ReadEvent.of(frames).stream().map(ReadEvent::toString).toList();
  }

  // The log

  @Test
  void anEmptyStoreHasNothing() throws StoreException {
    Store store = open();
    Bounds bounds = store.bounds();
    assertThat(bounds.first()).isEqualTo(1);
    assertThat(bounds.head()).isZero();
    assertThat(bounds.folded()).isZero();
    assertThat(bounds.floor()).isEqualTo(Floor.NONE);
    assertThat(bounds.headMillis()).isEqualTo(clock.wallMillis());
    assertThat(bounds.foldedMillis()).isEqualTo(clock.wallMillis());
    assertThat(bounds.logBytes()).isZero();
    assertThat(log(store, 0)).isEmpty();
    StatePage.Read states = (StatePage.Read) store.readStates(from(0));
    assertThat(states.frames().count()).isZero();
    assertThat(states.through()).isZero();
    assertThat(states.atFold()).isTrue();
    assertThat(store.commitMillis(0)).isEmpty();
    assertThat(store.commitMillis(1)).isEmpty();
    store.enforceRetention();
    store.check();
  }

  @Test
  void theIncarnationIsNeverZero() throws StoreException {
    assertThat(open().incarnation()).isBetween(1, EventId.MAX_INCARNATION);
  }

  @Test
  void sequencesStartAtOneAndFollowEachOther() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"), insert("video", "b"));
    append(store, update("video", "a"));
    assertThat(texts(((LogPage.Read) store.readLog(0, 1 << 20)).frames()))
        .containsExactly("1 insert video/a", "2 insert video/b", "3 update video/a");
    assertThat(store.bounds().first()).isEqualTo(1);
    assertThat(store.bounds().head()).isEqualTo(3);
  }

  @Test
  void anIdIsCommitSecondIncarnationAndSequence() throws StoreException {
    Store store = open();
    List<Outcome> outcomes =
        store.append(List.of(submission(insert("video", "a"), insert("video", "b"))));
    long second = store.bounds().headMillis() / 1000;
    EventId last = new EventId(second, store.incarnation(), 2);
    assertThat(outcomes).containsExactly(new Outcome.Stored(last));
    assertThat(log(store, 1).getFirst().id()).isEqualTo(last);
  }

  @Test
  void submissionsOfOneAppendKeepTheirOrder() throws StoreException {
    Store store = open();
    List<Outcome> outcomes =
        store.append(
            List.of(
                submission(insert("video", "a"), insert("video", "b")),
                submission(insert("video", "c"))));
    assertThat(outcomes.stream().map(o -> ((Outcome.Stored) o).last()).toList())
        .extracting(id -> id == null ? 0 : id.sequence())
        .containsExactly(2L, 3L);
    assertThat(log(store, 0))
        .extracting(ReadEvent::object)
        .containsExactly("video/a", "video/b", "video/c");
  }

  @Test
  void theGivenFramesAreNotChanged() throws StoreException {
    Store store = open();
    Submission given = submission(insert("video", "a"));
    byte[] before = given.frames().bytes().clone();
    store.append(List.of(given));
    assertThat(given.frames().bytes()).isEqualTo(before);
  }

  @Test
  void theListenerHearsEachBatchBeforeItsAppendReturns() throws StoreException {
    Store store = open();
    RecordingListener listener = new RecordingListener();
    store.listen(listener);
    store.append(List.of(submission(insert("video", "a")), submission(insert("video", "b"))));
    LogBatch batch = Objects.requireNonNull(listener.last.get());
    assertThat(batch.first()).isEqualTo(1);
    assertThat(batch.last()).isEqualTo(2);
    assertThat(batch.commitMillis()).isEqualTo(store.bounds().headMillis());
    assertThat(texts(batch.frames())).containsExactly("1 insert video/a", "2 insert video/b");
    quickly().until(() -> listener.folded == 2);
  }

  private static final class RecordingListener implements StoreListener {
    final AtomicReference<@Nullable LogBatch> last = new AtomicReference<>();
    volatile long folded;

    @Override
    public void committed(LogBatch batch) {
      last.set(batch);
    }

    @Override
    public void folded(long sequence) {
      folded = sequence;
    }
  }

  @Test
  void commitTimeNeverFallsWhenTheClockIsSteppedBack() throws StoreException {
    Store store = open();
    clock.pass(HOUR);
    append(store, insert("video", "a"));
    long before = store.bounds().headMillis();
    clock.step(Duration.ofHours(-5));
    append(store, insert("video", "b"));
    assertThat(store.bounds().headMillis()).isEqualTo(before);
    clock.step(Duration.ofHours(5));
    clock.pass(Duration.ofMillis(1));
    append(store, insert("video", "c"));
    assertThat(store.bounds().headMillis()).isEqualTo(before + 1);
    assertThat(store.commitMillis(1)).hasValue(before);
    assertThat(store.commitMillis(2)).hasValue(before);
    assertThat(store.commitMillis(3)).hasValue(before + 1);
    assertThat(log(store, 0).get(1).seconds()).isEqualTo(before / 1000);
  }

  @Test
  void theLogIsReadFromAnyPlaceInPagesOfAtLeastOneOperation() throws StoreException {
    Store store = open();
    for (int i = 0; i < 20; i++) {
      append(store, insert("video", "a" + i), insert("video", "b" + i), insert("video", "c" + i));
    }
    for (int maxBytes : new int[] {1, 200, 1000}) {
      for (long start = 0; start < 60; start += 7) {
        assertThat(sequences(store, start, maxBytes))
            .containsExactlyElementsOf(LongStream.rangeClosed(start + 1, 60).boxed().toList());
      }
    }
    Frames page = ((LogPage.Read) store.readLog(0, 1000)).frames();
    assertThat(page.length()).isLessThanOrEqualTo(1000);
    assertThat(page.count()).isGreaterThan(1);
    assertThat(log(store, 60)).isEmpty();
  }

  private static List<Long> sequences(Store store, long start, int maxBytes) throws StoreException {
    List<Long> seen = new ArrayList<>();
    long after = start;
    while (after < store.bounds().head()) {
      List<ReadEvent> page = ReadEvent.of(((LogPage.Read) store.readLog(after, maxBytes)).frames());
      page.forEach(event -> seen.add(event.sequence()));
      after = page.getLast().sequence();
    }
    return seen;
  }

  @Test
  void aLargeBatchIsReadBackWhole() throws StoreException {
    Store store = open();
    FrameEncoder encoder = new FrameEncoder();
    for (int i = 0; i < 5000; i++) {
      encoder.add(insert("video", "x" + i, "user/" + "u".repeat(i % 300)));
    }
    Frames given = encoder.take();
    store.append(List.of(new Submission(given, null)));
    assertThat(sequences(store, 0, 100_000)).hasSize(5000).isSorted();
    assertThat(store.bounds().logBytes()).isEqualTo(given.length());
    assertThat(log(store, 4999).getFirst().object()).isEqualTo("video/x4999");
  }

  // Sources

  @Test
  void aSourceMovesOnlyFromWhereItStands() throws StoreException {
    Store store = open();
    assertThat(store.sourceToken("crm")).isEmpty();
    store.append(List.of(moving("crm", null, "p1", insert("video", "a"))));
    assertThat(store.sourceToken("crm")).contains("p1");
    assertThat(store.append(List.of(moving("crm", null, "p1", insert("video", "a")))))
        .containsExactly(new Outcome.SourceConflict("p1"));
    assertThat(store.append(List.of(moving("crm", "p0", "p2", insert("video", "b")))))
        .containsExactly(new Outcome.SourceConflict("p1"));
    store.append(List.of(moving("crm", "p1", "p2", insert("video", "b"))));
    assertThat(store.sourceToken("crm")).contains("p2");
    assertThat(log(store, 0)).extracting(ReadEvent::object).containsExactly("video/a", "video/b");
  }

  @Test
  void aSourceThatIsNotKnownStandsNowhere() throws StoreException {
    Store store = open();
    assertThat(store.append(List.of(moving("crm", "p7", "p8", insert("video", "a")))))
        .containsExactly(new Outcome.SourceConflict(null));
    assertThat(store.bounds().head()).isZero();
    assertThat(store.sourceToken("crm")).isEmpty();
  }

  @Test
  void aConflictLeavesTheOthersOfItsAppendAlone() throws StoreException {
    Store store = open();
    List<Outcome> outcomes =
        store.append(
            List.of(
                moving("crm", null, "p1", insert("video", "a")),
                moving("crm", null, "p1", insert("video", "a")),
                submission(insert("video", "b")),
                moving("crm", "p1", "p2", insert("video", "c")),
                moving("erp", "q1", "q2", insert("video", "d"))));
    assertThat(outcomes.get(1)).isEqualTo(new Outcome.SourceConflict("p1"));
    assertThat(outcomes.get(4)).isEqualTo(new Outcome.SourceConflict(null));
    assertThat(outcomes).filteredOn(o -> o instanceof Outcome.Stored).hasSize(3);
    assertThat(log(store, 0))
        .extracting(ReadEvent::object)
        .containsExactly("video/a", "video/b", "video/c");
    assertThat(store.sourceToken("crm")).contains("p2");
  }

  @Test
  void anEmptySubmissionMovesItsSourceAndNothingElse() throws StoreException {
    Store store = open();
    assertThat(store.append(List.of(moving("crm", null, "p1"))))
        .containsExactly(new Outcome.Stored(null));
    assertThat(store.sourceToken("crm")).contains("p1");
    assertThat(store.bounds().head()).isZero();
    assertThat(store.append(List.of(submission()))).containsExactly(new Outcome.Stored(null));
  }

  // States

  @Test
  void anObjectShowsOnlyInTheOrderOfItsLastOperation() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"), insert("video", "b"), insert("video", "c"));
    append(store, update("video", "a"), delete("video", "b"));
    append(store, delete("video", "a"), update("video", "a"));
    assertThat(states(store, from(0)))
        .containsExactly("3 insert video/c", "5 delete video/b", "7 insert video/a");
    assertThat(states(store, from(3))).containsExactly("5 delete video/b", "7 insert video/a");
    assertThat(states(store, from(7))).isEmpty();
  }

  @Test
  void statesComeInPagesOfAtLeastOne() throws StoreException {
    Store store = open();
    FrameEncoder encoder = new FrameEncoder();
    for (int i = 0; i < 300; i++) {
      encoder.add(update("video", "x" + i));
    }
    store.append(List.of(new Submission(encoder.take(), null)));
    awaitFold(store);
    assertThat(pages(store, FrameFilter.ALL, 1)).hasSize(300).isSorted();
    assertThat(pages(store, FrameFilter.ALL, 1000)).hasSize(300).isSorted();
    assertThat(pages(store, new FrameFilter(types("user")), 1000)).isEmpty();
  }

  /** The positions of all states, page by page. */
  private static List<Long> pages(Store store, FrameFilter filter, int maxBytes)
      throws StoreException {
    List<Long> seen = new ArrayList<>();
    long after = 0;
    while (true) {
      StatePage.Read page =
          (StatePage.Read) store.readStates(new StateRead(after, 0, 0, 0, filter, maxBytes));
      ReadEvent.of(page.frames()).forEach(event -> seen.add(event.sequence()));
      if (page.atFold()) {
        assertThat(page.through()).isEqualTo(store.bounds().folded());
        return seen;
      }
      assertThat(page.through()).isGreaterThan(after);
      after = page.through();
    }
  }

  /** How many objects are many; a multiple of twenty. */
  protected int manyObjects() {
    return 100_000;
  }

  @Test
  void manyObjectsOfOneTimestampAreEachSentOnce() throws StoreException {
    Store store = open();
    for (int batch = 0; batch < 20; batch++) {
      FrameEncoder encoder = new FrameEncoder();
      for (int i = 0; i < manyObjects() / 20; i++) {
        encoder.add(insert("video", batch + "-" + i));
      }
      store.append(List.of(new Submission(encoder.take(), null)));
    }
    awaitFold(store);
    List<Long> seen = pages(store, FrameFilter.ALL, 64 * 1024);
    assertThat(seen).hasSize(manyObjects()).isSorted();
    assertThat(new HashSet<>(seen)).hasSize(manyObjects());
    assertThat(pages(store, new FrameFilter(parents("user/nobody")), 64 * 1024)).isEmpty();
  }

  @Test
  void theSecondsOfAStateAreTheLaterOfItsCommitAndTheSince() throws StoreException {
    Store store = open();
    clock.pass(HOUR);
    append(store, insert("video", "a"));
    long committed = store.bounds().headMillis() / 1000;
    assertThat(seconds(store, committed - 5)).isEqualTo(committed);
    assertThat(seconds(store, committed + 5)).isEqualTo(committed + 5);
  }

  private static long seconds(Store store, long since) throws StoreException {
    StateRead read = new StateRead(0, 0, since, 0, FrameFilter.ALL, 1 << 20);
    StatePage.Read page = (StatePage.Read) store.readStates(read);
    return ReadEvent.of(page.frames()).getFirst().seconds();
  }

  @Test
  void aPageTellsHowFarItWentAndWhenThatWas() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"));
    long first = store.bounds().headMillis() / 1000;
    clock.pass(HOUR);
    append(store, insert("video", "b"), update("video", "b"));
    StateRead small = new StateRead(0, 0, 0, 0, FrameFilter.ALL, 1);
    StatePage.Read page = (StatePage.Read) store.readStates(small);
    assertThat(page.through()).isEqualTo(1);
    assertThat(page.throughSecond()).isEqualTo(first);
    assertThat(page.atFold()).isFalse();
    StatePage.Read rest = (StatePage.Read) store.readStates(from(1));
    assertThat(rest.through()).isEqualTo(3);
    assertThat(rest.throughSecond()).isEqualTo(store.bounds().foldedMillis() / 1000);
    assertThat(rest.atFold()).isTrue();
  }

  @Test
  void tombstonesBeforeTheSinceOrTheReplicationAreLeftOut() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"), delete("video", "a"));
    long first = store.bounds().headMillis() / 1000;
    clock.pass(HOUR);
    append(store, delete("video", "b"), insert("video", "c"));
    long second = store.bounds().headMillis() / 1000;
    assertThat(states(store, new StateRead(0, 0, first, 0, FrameFilter.ALL, 1 << 20)))
        .containsExactly("2 delete video/a", "3 delete video/b", "4 insert video/c");
    assertThat(states(store, new StateRead(0, 0, first + 1, 0, FrameFilter.ALL, 1 << 20)))
        .containsExactly("3 delete video/b", "4 insert video/c");
    assertThat(states(store, new StateRead(0, 0, second + 1, 0, FrameFilter.ALL, 1 << 20)))
        .containsExactly("4 insert video/c");
    assertThat(states(store, new StateRead(0, 0, first, 2, FrameFilter.ALL, 1 << 20)))
        .containsExactly("3 delete video/b", "4 insert video/c");
  }

  @Test
  void whoAsksForTombstonesGetsThoseBeforeTheSinceAndTheReplicationToo() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"), delete("video", "a"), delete("user", "b"));
    clock.pass(HOUR);
    append(store, insert("video", "c"));
    long fold = store.bounds().folded();
    long second = store.bounds().headMillis() / 1000;
    assertThat(states(store, tombstones(0, second, fold, Filter.ALL)))
        .containsExactly("2 delete video/a", "3 delete user/b", "4 insert video/c");
    assertThat(states(store, tombstones(2, second, 0, Filter.ALL)))
        .containsExactly("3 delete user/b", "4 insert video/c");
    assertThat(states(store, tombstones(0, second, fold, types("video"))))
        .containsExactly("2 delete video/a", "4 insert video/c");
  }

  private static StateRead tombstones(long after, long since, long ignoreThrough, Filter filter) {
    return new StateRead(after, 0, since, ignoreThrough, new FrameFilter(filter), 1 << 20, true);
  }

  @Test
  void whoAsksForTombstonesMissesNoneThatWasDroppedBeforeHeBegan() throws StoreException {
    Store store = open(LEAST);
    append(store, delete("video", "a"));
    clock.pass(HOUR);
    append(store, insert("video", "b"));
    passing(store, HOUR);
    long second = store.bounds().headMillis() / 1000;
    assertThat(store.bounds().floor().sequence()).isEqualTo(1);
    assertThat(states(store, tombstones(0, second, 2, Filter.ALL)))
        .containsExactly("2 insert video/b");
  }

  @Test
  void aStartByTimeIsInclusiveToTheMillisecond() throws StoreException {
    Store store = open();
    clock.pass(HOUR);
    for (int i = 1; i <= 9; i++) {
      clock.pass(Duration.ofMillis(10));
      append(store, insert("video", "x" + i));
    }
    long fifth = store.commitMillis(5).getAsLong();
    assertThat(committedFrom(store, fifth)).startsWith("5 insert video/x5").hasSize(5);
    assertThat(committedFrom(store, fifth + 1)).startsWith("6 insert video/x6").hasSize(4);
    assertThat(committedFrom(store, fifth - 9)).startsWith("5 insert video/x5").hasSize(5);
    assertThat(committedFrom(store, fifth - HOUR.toMillis() * 9)).hasSize(9);
    assertThat(committedFrom(store, fifth + HOUR.toMillis())).isEmpty();
  }

  private static List<String> committedFrom(Store store, long millis) throws StoreException {
    return states(store, new StateRead(0, millis, millis / 1000, 0, FrameFilter.ALL, 1 << 20));
  }

  // Filters and parents

  @Test
  void statesAreFilteredByTypeAndParent() throws StoreException {
    Store store = open();
    append(
        store,
        insert("video", "a", "user/1", "user/2"),
        insert("user", "b", "user/1"),
        insert("video", "c", "user/3"),
        delete("video", "d", "user/2"),
        insert("video", "user/1"));
    assertThat(states(store, filtered(types("user")))).containsExactly("2 insert user/b");
    assertThat(states(store, filtered(parents("user/2"))))
        .containsExactly("1 insert video/a", "4 delete video/d");
    assertThat(states(store, filtered(parents("user/1", "user/3"))))
        .containsExactly("1 insert video/a", "2 insert user/b", "3 insert video/c");
    assertThat(states(store, filtered(new Filter(Set.of("video"), Set.of("user/1")))))
        .containsExactly("1 insert video/a");
  }

  @Test
  void anObjectThatLeftAParentComesUnderThePositionWhereItLeft() throws StoreException {
    Store store = open();
    append(store, insert("video", "a", "user/1"), insert("video", "z", "user/1"));
    append(store, update("video", "a", "user/2"));
    append(store, update("video", "a", "user/2", "user/3"));
    assertThat(states(store, filtered(parents("user/1"))))
        .containsExactly("2 insert video/z", "3 insert video/a");
    assertThat(states(store, filtered(parents("user/2")))).containsExactly("4 insert video/a");
    assertThat(states(store, filtered(new Filter(Set.of("user"), Set.of("user/1"))))).isEmpty();
    assertThat(states(store, from(0))).containsExactly("2 insert video/z", "4 insert video/a");
    StatePage.Read page = (StatePage.Read) store.readStates(filtered(parents("user/1")));
    assertThat(ReadEvent.of(page.frames()).getLast().operation().parents())
        .containsExactly("user/2", "user/3");
  }

  @Test
  void operationsThatWereFoldedTogetherStillLeaveTheirParents() throws StoreException {
    Store store = open();
    append(
        store,
        insert("video", "a", "user/1"),
        update("video", "a", "user/2"),
        update("video", "a", "user/3"));
    assertThat(states(store, filtered(parents("user/1")))).containsExactly("2 insert video/a");
    assertThat(states(store, filtered(parents("user/2")))).containsExactly("3 insert video/a");
    assertThat(states(store, filtered(parents("user/1", "user/2", "user/3"))))
        .containsExactly("2 insert video/a", "3 insert video/a");
  }

  @Test
  void aDeleteThatDoesNotNameItsParentsLeavesThem() throws StoreException {
    Store store = open();
    append(store, insert("video", "a", "user/1", "user/2"));
    append(store, delete("video", "a", "user/2"));
    assertThat(states(store, filtered(parents("user/1")))).containsExactly("2 delete video/a");
    assertThat(states(store, filtered(parents("user/2")))).containsExactly("2 delete video/a");
    assertThat(states(store, filtered(parents("user/1", "user/2"))))
        .containsExactly("2 delete video/a");
    append(store, insert("video", "a", "user/3"));
    assertThat(states(store, filtered(parents("user/1")))).containsExactly("2 insert video/a");
    assertThat(states(store, filtered(parents("user/2")))).containsExactly("3 insert video/a");
  }

  @Test
  void anObjectThatCameBackIsTold() throws StoreException {
    Store store = open();
    append(store, insert("video", "a", "user/1"));
    append(store, update("video", "a"));
    append(store, update("video", "a", "user/1"));
    assertThat(states(store, filtered(parents("user/1"))))
        .containsExactly("2 insert video/a", "3 insert video/a");
  }

  @Test
  void leftParentsCountLikeTombstones() throws StoreException {
    Store store = open();
    append(store, insert("video", "a", "user/1"), update("video", "a", "user/2"));
    long second = store.bounds().headMillis() / 1000;
    FrameFilter left = new FrameFilter(parents("user/1"));
    assertThat(states(store, new StateRead(0, 0, second, 1, left, 1 << 20))).hasSize(1);
    assertThat(states(store, new StateRead(0, 0, second, 2, left, 1 << 20))).isEmpty();
    assertThat(states(store, new StateRead(0, 0, second + 1, 0, left, 1 << 20))).isEmpty();
    assertThat(states(store, new StateRead(2, 0, second, 0, left, 1 << 20))).isEmpty();
    long millis = store.bounds().headMillis();
    assertThat(states(store, new StateRead(0, millis, second, 0, left, 1 << 20))).hasSize(1);
    assertThat(states(store, new StateRead(0, millis + 1, second, 0, left, 1 << 20))).isEmpty();
  }

  @Test
  void namesThatNeedEscapingStayApart() throws StoreException {
    Store store = open();
    String[] ids = {"a\"b", "a\\b", "a\u2028b", "a\u0085b", "é", "\ud83d\ude00", "a\nb", "a/b"};
    for (String id : ids) {
      append(store, insert("video", id, "user/" + id));
    }
    for (String id : ids) {
      assertThat(states(store, filtered(parents("user/" + id)))).hasSize(1);
      append(store, update("video", id));
    }
    assertThat(states(store, from(0))).hasSize(ids.length);
    assertThat(log(store, 0)).extracting(e -> e.operation().id()).startsWith(ids);
  }

  // Retention

  private static Retention keeping(long bytes) {
    return Retention.FOREVER.withLogBytes(bytes);
  }

  @Test
  void aLogThatIsTooLargeLosesItsOldestOperations() throws StoreException {
    Store store = open(keeping(3000));
    for (int i = 1; i <= 50; i++) {
      append(store, insert("video", "x" + i));
    }
    store.enforceRetention();
    Bounds bounds = store.bounds();
    assertThat(bounds.first()).isBetween(20L, 45L);
    assertThat(bounds.logBytes()).isLessThanOrEqualTo(3000);
    assertThat(store.readLog(bounds.first() - 2, 1000)).isInstanceOf(LogPage.Trimmed.class);
    assertThat(log(store, bounds.first() - 1).getFirst().sequence()).isEqualTo(bounds.first());
    assertThat(store.commitMillis(bounds.first() - 1)).isEmpty();
    assertThat(store.commitMillis(bounds.first())).isPresent();
    assertThat(states(store, from(0))).hasSize(50);
    assertThat(bounds.floor()).isEqualTo(Floor.NONE);
  }

  @Test
  void operationsThatAreTooOldLeaveTheLogAndTheNewestStays() throws StoreException {
    Store store = open(Retention.FOREVER.withLogAge(HOUR));
    append(store, insert("video", "a"));
    clock.pass(Duration.ofMinutes(50));
    append(store, insert("video", "b"));
    passing(store, Duration.ofMinutes(20));
    assertThat(store.bounds().first()).isEqualTo(2);
    append(store, insert("video", "c"));
    passing(store, HOUR.multipliedBy(5));
    assertThat(store.bounds().first()).isEqualTo(3);
    assertThat(log(store, 2)).hasSize(1);
    assertThat(store.readLog(0, 1000)).isInstanceOf(LogPage.Trimmed.class);
  }

  /** Time passes, and retention is enforced on the way as it would be. */
  private void passing(Store store, Duration time) throws StoreException {
    clock.pass(time);
    store.enforceRetention();
  }

  private static final Retention LEAST =
      new Retention(Duration.ZERO, Long.MAX_VALUE, Duration.ZERO);

  @Test
  void aTombstoneIsDroppedOnceItsOperationLeftTheLogAndSetsTheFloor() throws StoreException {
    Store store = open(LEAST);
    append(store, insert("video", "a"), delete("video", "a"));
    long second = store.bounds().headMillis() / 1000;
    passing(store, HOUR);
    assertThat(states(store, from(0))).containsExactly("2 delete video/a");
    append(store, insert("video", "b"));
    passing(store, HOUR);
    assertThat(store.bounds().floor()).isEqualTo(new Floor(2, second));
    assertThat(states(store, new StateRead(2, 0, 0, 0, FrameFilter.ALL, 1 << 20)))
        .containsExactly("3 insert video/b");
  }

  @Test
  void whoMayNeedADroppedTombstoneIsTold() throws StoreException {
    Store store = open(LEAST);
    append(store, insert("video", "a"), delete("video", "a"));
    long second = store.bounds().headMillis() / 1000;
    clock.pass(HOUR);
    append(store, insert("video", "b"));
    passing(store, HOUR);
    assertThat(store.readStates(new StateRead(1, 0, second, 0, FrameFilter.ALL, 1000)))
        .isInstanceOf(StatePage.FloorPassed.class);
    assertThat(store.readStates(new StateRead(1, 0, second + 1, 0, FrameFilter.ALL, 1000)))
        .isInstanceOf(StatePage.Read.class);
    assertThat(store.readStates(new StateRead(2, 0, second, 0, FrameFilter.ALL, 1000)))
        .isInstanceOf(StatePage.Read.class);
    assertThat(store.readStates(new StateRead(1, 0, second, 2, FrameFilter.ALL, 1000)))
        .isInstanceOf(StatePage.Read.class);
  }

  @Test
  void aLeftParentIsDroppedLikeATombstone() throws StoreException {
    Store store = open(LEAST);
    append(store, insert("video", "a", "user/1"));
    append(store, update("video", "a"));
    long second = store.bounds().headMillis() / 1000;
    clock.pass(HOUR);
    append(store, update("video", "a"));
    passing(store, HOUR);
    assertThat(store.bounds().floor()).isEqualTo(new Floor(2, second));
    FrameFilter filter = new FrameFilter(parents("user/1"));
    assertThat(states(store, new StateRead(0, 0, second + 1, 0, filter, 1000))).isEmpty();
  }

  @Test
  void anObjectMadeAnewAfterItsTombstoneWasDroppedIsThere() throws StoreException {
    Store store = open(LEAST);
    append(store, insert("video", "a", "user/1"), delete("video", "a", "user/1"));
    clock.pass(HOUR);
    append(store, insert("video", "b"));
    passing(store, HOUR);
    append(store, insert("video", "a", "user/1"));
    assertThat(states(store, new StateRead(2, 0, 0, 0, FrameFilter.ALL, 1000)))
        .containsExactly("3 insert video/b", "4 insert video/a");
    append(store, delete("video", "a", "user/1"));
    passing(store, HOUR);
    assertThat(states(store, new StateRead(2, 0, 0, 0, FrameFilter.ALL, 1000)))
        .containsExactly("3 insert video/b", "5 delete video/a");
  }

  @Test
  void aClockThatJumpsAheadDropsNothingForAnHour() throws StoreException {
    Store store = open(LEAST);
    append(store, insert("video", "a"), delete("video", "a"));
    append(store, insert("video", "b"));
    store.enforceRetention();
    clock.step(Duration.ofDays(400));
    passing(store, Duration.ofMinutes(1));
    passing(store, Duration.ofMinutes(50));
    assertThat(store.bounds().first()).isEqualTo(1);
    assertThat(store.bounds().floor()).isEqualTo(Floor.NONE);
    passing(store, Duration.ofMinutes(20));
    assertThat(store.bounds().first()).isGreaterThan(1);
    assertThat(store.bounds().floor().sequence()).isEqualTo(2);
  }

  @Test
  void sizeIsKeptThoughTheClockJumped() throws StoreException {
    Store store = open(keeping(1));
    append(store, insert("video", "a"));
    append(store, insert("video", "b"));
    clock.step(Duration.ofDays(400));
    store.enforceRetention();
    assertThat(store.bounds().first()).isEqualTo(2);
  }

  // The rest

  @Test
  void anIdThatWasGivenOutIsNotLost() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"), insert("video", "b"));
    for (ReadEvent event : log(store, 0)) {
      assertThat(store.lost(event.id())).isFalse();
    }
  }

  @Test
  void readersSeeWholeRunsWhileAppendsGoOn() throws Exception {
    Store store = open(keeping(100_000));
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                follow(store, done);
              } catch (StoreException | RuntimeException | AssertionError e) {
                failure.set(e);
              }
            });
    for (int i = 0; i < 400; i++) {
      FrameEncoder encoder = new FrameEncoder();
      for (int k = 0; k < 25; k++) {
        encoder.add(Operations.of(OperationKind.UPDATE, "video", "x" + (i + k) % 90));
      }
      store.append(List.of(new Submission(encoder.take(), null)));
      if (i % 20 == 0) {
        store.enforceRetention();
      }
    }
    done.set(true);
    reader.join();
    assertThat(failure.get()).isNull();
    awaitFold(store);
    assertThat(states(store, from(0))).hasSize(90);
  }

  private static void follow(Store store, AtomicBoolean done) throws StoreException {
    long after = 0;
    while (!done.get() || after < store.bounds().head()) {
      switch (store.readLog(after, 5000)) {
        case LogPage.Trimmed _ -> after = store.bounds().first() - 1;
        case LogPage.Read read -> {
          for (ReadEvent event : ReadEvent.of(read.frames())) {
            assertThat(event.sequence()).isEqualTo(++after);
          }
        }
      }
      requireEachObjectOnce(store);
    }
  }

  private static void requireEachObjectOnce(Store store) throws StoreException {
    StatePage.Read page = (StatePage.Read) store.readStates(from(0));
    assertThat(ReadEvent.of(page.frames())).extracting(ReadEvent::object).doesNotHaveDuplicates();
  }

  @Test
  void aClosedStoreRefusesEverything() throws StoreException {
    Store store = open();
    append(store, insert("video", "a"));
    store.close();
    store.close();
    assertThatThrownBy(() -> store.append(List.of(submission(insert("video", "b")))))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.readLog(0, 1000)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.readStates(from(0))).isInstanceOf(StoreException.class);
    assertThatThrownBy(store::check).isInstanceOf(StoreException.class);
  }
}
