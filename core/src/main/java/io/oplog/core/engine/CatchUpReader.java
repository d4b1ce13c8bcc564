package io.oplog.core.engine;

import io.oplog.core.store.LogPage;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.ControlFrames;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frame;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.Frames;
import io.oplog.protocol.RefTemplate;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Reads the store for followers that are behind, a page at a time: the log after a position, or the
 * states and then the log. Stateless: each step says where the next one starts. Blocks, so it runs
 * on reader threads.
 */
final class CatchUpReader {
  private final Store store;
  private final @Nullable RefTemplate objectUrl;
  private final Map<ResetReason, LongAdder> resets = new EnumMap<>(ResetReason.class);

  CatchUpReader(Store store, @Nullable RefTemplate objectUrl) {
    this.store = store;
    this.objectUrl = objectUrl;
    for (ResetReason reason : ResetReason.values()) {
      resets.put(reason, new LongAdder());
    }
  }

  /** How many streams were told to start anew, by reason. */
  Map<ResetReason, Long> resets() {
    Map<ResetReason, Long> counts = new EnumMap<>(ResetReason.class);
    resets.forEach((reason, count) -> counts.put(reason, count.sum()));
    return counts;
  }

  /** The first step of a stream: where it starts, with the progress event it may have asked for. */
  CatchUpStep begin(Cursor cursor, boolean progress) throws StoreException {
    return switch (StreamStart.resolve(store, cursor)) {
      case StreamStart.Live live ->
          throw new IllegalArgumentException("a live stream has nothing to catch up");
      case StreamStart.Log log -> beginLog(log, progress);
      case StreamStart.States states ->
          step(progress ? progress(states.since(), states.after()) : NOTHING, states);
      case StreamStart.Reset reset -> reset(reset);
    };
  }

  private static final byte[] NOTHING = new byte[0];
  private static final Frames NO_FRAMES = new Frames(NOTHING, new int[0]);

  private CatchUpStep beginLog(StreamStart.Log log, boolean progress) {
    if (!progress) {
      return new CatchUpStep(NOTHING, 0, 0, log, CatchUpStep.Then.JOIN_TAIL);
    }
    byte[] bytes = progress(log.since(), log.after());
    StreamStart told = new StreamStart.Log(log.after(), log.since(), store.bounds().head());
    return new CatchUpStep(bytes, bytes.length, 0, told, CatchUpStep.Then.JOIN_TAIL);
  }

  private byte[] progress(long since, long position) {
    return ControlFrames.progress(id(since, position));
  }

  private EventId id(long seconds, long sequence) {
    return new EventId(seconds, store.incarnation(), sequence);
  }

  private CatchUpStep reset(StreamStart.Reset reset) {
    Objects.requireNonNull(resets.get(reset.reason())).increment();
    byte[] frame = ControlFrames.reset(id(reset.states().since(), 0), reset.reason().wireName());
    return step(frame, reset.states());
  }

  private static CatchUpStep step(byte[] frame, StreamStart next) {
    return new CatchUpStep(frame, frame.length, 0, next, CatchUpStep.Then.READ_ON);
  }

  /** The next step of a stream that is behind. */
  CatchUpStep read(StreamStart start, FrameFilter filter, boolean tombstones, int maxBytes)
      throws StoreException {
    return switch (start) {
      case StreamStart.Log log -> readLog(log, filter, maxBytes);
      case StreamStart.States states -> readStates(states, filter, tombstones, maxBytes);
      case StreamStart.Reset reset -> reset(reset);
      case StreamStart.Live live ->
          throw new IllegalArgumentException("a live stream has nothing to catch up");
    };
  }

  private CatchUpStep readLog(StreamStart.Log log, FrameFilter filter, int maxBytes)
      throws StoreException {
    return switch (store.readLog(log.after(), maxBytes)) {
      case LogPage.Trimmed trimmed ->
          step(
              NOTHING,
              new StreamStart.States(log.after(), 0, log.since(), 0, store.bounds().head()));
      case LogPage.Read read when read.frames().count() == 0 ->
          new CatchUpStep(NOTHING, 0, 0, log, CatchUpStep.Then.JOIN_TAIL);
      case LogPage.Read read -> logStep(log, read.frames(), filter, maxBytes);
    };
  }

  private CatchUpStep logStep(
      StreamStart.Log log, Frames frames, FrameFilter filter, int maxBytes) {
    int last = frames.start(frames.count() - 1);
    StreamStart next =
        new StreamStart.Log(
            Frame.sequence(frames.bytes(), last),
            Frame.seconds(frames.bytes(), last),
            log.liveAt());
    boolean full = frames.length() >= maxBytes / 2;
    Frames wanted = spliced(matching(frames, filter));
    return new CatchUpStep(
        wanted.bytes(),
        wanted.length(),
        wanted.count(),
        next,
        full ? CatchUpStep.Then.READ_ON : CatchUpStep.Then.JOIN_TAIL);
  }

  private Frames spliced(Frames frames) {
    return objectUrl == null ? frames : objectUrl.splice(frames);
  }

  /** Moves the frames that pass to the front of their own array, which is this reader's. */
  private static Frames matching(Frames frames, FrameFilter filter) {
    if (filter.isAll()) {
      return frames;
    }
    byte[] bytes = frames.bytes();
    int[] ends = new int[frames.count()];
    int kept = 0;
    int length = 0;
    for (int i = 0; i < frames.count(); i++) {
      int start = frames.start(i);
      if (filter.matches(bytes, start)) {
        int size = frames.ends()[i] - start;
        System.arraycopy(bytes, start, bytes, length, size);
        length += size;
        ends[kept++] = length;
      }
    }
    return new Frames(bytes, Arrays.copyOf(ends, kept));
  }

  private CatchUpStep readStates(
      StreamStart.States from, FrameFilter filter, boolean tombstones, int maxBytes)
      throws StoreException {
    StateRead read =
        new StateRead(
            from.after(),
            from.committedFromMillis(),
            from.since(),
            from.ignoreDeletesThrough(),
            filter,
            maxBytes,
            tombstones);
    return switch (store.readStates(read)) {
      case StatePage.FloorPassed passed ->
          reset(StreamStart.reset(store, ResetReason.DELETES_DROPPED));
      case StatePage.FoldBehind behind -> awaitFold(NO_FRAMES, from, behind.fold());
      case StatePage.Read page -> stateStep(from, page);
    };
  }

  private static CatchUpStep awaitFold(Frames frames, StreamStart next, long pastFold) {
    return new CatchUpStep(
        frames.bytes(),
        frames.length(),
        frames.count(),
        next,
        CatchUpStep.Then.AWAIT_FOLD,
        pastFold);
  }

  private CatchUpStep stateStep(StreamStart.States from, StatePage.Read page) {
    Frames frames = spliced(page.frames());
    if (page.atFold() && page.through() >= from.target()) {
      return joinAfterStates(from, page, frames);
    }
    StreamStart next = from.at(page.through(), page.throughSecond());
    return page.atFold()
        ? awaitFold(frames, next, page.through())
        : new CatchUpStep(
            frames.bytes(), frames.length(), frames.count(), next, CatchUpStep.Then.READ_ON);
  }

  /** The states have caught up: {@code live}, then operations. */
  private CatchUpStep joinAfterStates(StreamStart.States from, StatePage.Read page, Frames frames) {
    long since = Math.max(from.since(), page.throughSecond());
    byte[] live = ControlFrames.live(id(since, page.through()));
    byte[] bytes = Arrays.copyOf(frames.bytes(), frames.length() + live.length);
    System.arraycopy(live, 0, bytes, frames.length(), live.length);
    return new CatchUpStep(
        bytes,
        bytes.length,
        frames.count(),
        new StreamStart.Log(page.through(), since),
        CatchUpStep.Then.JOIN_TAIL);
  }
}
