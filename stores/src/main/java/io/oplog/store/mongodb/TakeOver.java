package io.oplog.store.mongodb;

import com.mongodb.client.MongoCursor;
import io.oplog.core.store.LogBatch;
import io.oplog.core.store.StoreClock;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Frames;
import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the data of the original OpLog over into a log that is empty yet: its states become the
 * first operations of the log, in the order of their times and committed at these times, so that an
 * id of the original's stands for a time that means the same here. Then come the operations that
 * are in the original's log and not in its states.
 *
 * <p>How far it came is kept with each block, so a start that was cut is gone on with, and of
 * several agents each block is added by one. The original's agents must have been stopped. Used for
 * one opening of the store, before anything else is appended.
 */
final class TakeOver {
  private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
  private static final int BLOCK_OPERATIONS = 1000;

  /** What a block holds is committed at once: so much may be sent again to a consumer of before. */
  private static final long BLOCK_MILLIS = 600_000;

  private static final int MOST_TOLD = 10;
  private static final long PROGRESS_NANOS = 10_000_000_000L;

  private final OriginalLog original;
  private final BlockLog log;
  private final ObjectId agent;
  private final int incarnation;
  private final StoreClock clock;
  private final OperationReader reader = new OperationReader(OperationLimits.DEFAULTS);
  private Place end = Place.START;

  /** What was left out of the block that is being made; told by the agent that adds the block. */
  private final List<String> leftOut = new ArrayList<>();

  private long unusable;
  private long told = System.nanoTime();

  TakeOver(OriginalLog original, BlockLog log, ObjectId agent, int incarnation, StoreClock clock) {
    this.original = original;
    this.log = log;
    this.agent = agent;
    this.incarnation = incarnation;
    this.clock = clock;
  }

  /** Does what is left to do, if anything. */
  void run() throws StoreException {
    Block last = log.last();
    if (last == null && !original.isThere()) {
      return;
    }
    boolean whole = true;
    while (isDue(last)) {
      end = last == null ? Place.START : last.end();
      whole = goOn(last == null ? null : place(last));
      last = log.last();
    }
    if (!whole) {
      LOG.info("Another agent has taken over the rest");
    }
  }

  private static boolean isDue(@Nullable Block last) {
    return last == null || (place(last) != null && !(place(last) instanceof TakeOverPlace.Done));
  }

  private static @Nullable TakeOverPlace place(Block block) {
    String position = block.moves().get(TakeOverPlace.SOURCE);
    return position == null ? null : TakeOverPlace.parse(position);
  }

  /** Goes on to the end, or until another agent has added a block; whether that was the end. */
  private boolean goOn(@Nullable TakeOverPlace place) throws StoreException {
    LOG.info("Taking over about {} states of the original OpLog", original.count());
    boolean whole =
        switch (place) {
          case null -> addStates(null);
          case TakeOverPlace.States states -> addStates(states);
          case TakeOverPlace.Mending _, TakeOverPlace.Done _ -> true;
        };
    return whole && addMissing() && addEnd();
  }

  private boolean addEnd() {
    TakeOverPlace.Done done = TakeOverPlace.Done.at(second(now()), original.newestId());
    boolean added = add(Frames.NONE, now(), done);
    if (added) {
      LOG.info(
          "Took over the original's data: {} operations are in the log; {} states and operations"
              + " that this agent met could not be used",
          end.sequence(),
          unusable);
    }
    return added;
  }

  private static long second(long millis) {
    return Math.floorDiv(millis, 1000L);
  }

  private long now() {
    return clock.wallMillis();
  }

  // ---- states ----

  private boolean addStates(TakeOverPlace.@Nullable States after) {
    boolean added = true;
    try (MongoCursor<Document> states = original.statesAfter(after).cursor()) {
      OriginalEntry next = nextOf(states);
      while (added && next != null) {
        FrameEncoder frames = new FrameEncoder();
        long end = next.millis() + BLOCK_MILLIS;
        OriginalEntry last = next;
        for (int i = 0; i < BLOCK_OPERATIONS && next != null && next.millis() <= end; i++) {
          encode(next, frames);
          last = next;
          next = nextOf(states);
        }
        added = add(frames.take(), Math.clamp(last.millis(), 0, now()), place(last));
        tellProgress();
      }
    }
    return added;
  }

  private static @Nullable OriginalEntry nextOf(MongoCursor<Document> states) {
    return states.hasNext() ? new OriginalEntry(states.next()) : null;
  }

  private static TakeOverPlace place(OriginalEntry state) {
    return new TakeOverPlace.States(state.millis(), String.valueOf(state.id()));
  }

  private void encode(OriginalEntry entry, FrameEncoder into) {
    try {
      into.add(entry.toOperation(reader));
    } catch (InvalidOperationException e) {
      leftOut.add(entry + " of the original OpLog cannot be taken over: " + e.reason());
    }
  }

  private void tellProgress() {
    long now = System.nanoTime();
    if (now - told > PROGRESS_NANOS) {
      told = now;
      LOG.info("Took over {} of about {} states", end.sequence(), original.count());
    }
  }

  // ---- operations that the states lack ----

  /**
   * The original wrote an operation and its state one after the other, and may have died in
   * between. The log is the truth: an object's last operation there is what its state must be.
   */
  private boolean addMissing() {
    List<Object> ids = new ArrayList<>(missing().values());
    for (int from = 0; from < ids.size(); from += BLOCK_OPERATIONS) {
      List<Object> some = ids.subList(from, Math.min(ids.size(), from + BLOCK_OPERATIONS));
      if (!addOperations(some)) {
        return false;
      }
    }
    return true;
  }

  private boolean addOperations(List<Object> ids) {
    FrameEncoder frames = new FrameEncoder();
    for (Object id : ids) {
      Document operation = original.operation(id);
      if (operation != null) {
        encode(new OriginalEntry(operation), frames);
      }
    }
    return add(frames.take(), now(), new TakeOverPlace.Mending());
  }

  /** The objects whose last operation is not their state, with that operation's id, in order. */
  private Map<String, Object> missing() {
    Map<String, Object> missing = new LinkedHashMap<>();
    List<OriginalEntry> page = new ArrayList<>();
    try (MongoCursor<Document> operations = original.operations().cursor()) {
      while (operations.hasNext()) {
        page.add(new OriginalEntry(operations.next()));
        if (page.size() == BLOCK_OPERATIONS) {
          compare(page, missing);
          page.clear();
        }
      }
    }
    compare(page, missing);
    return missing;
  }

  private void compare(List<OriginalEntry> page, Map<String, Object> missing) {
    Map<String, OriginalEntry> states =
        original.states(page.stream().map(OriginalEntry::key).distinct().toList());
    for (OriginalEntry operation : page) {
      OriginalEntry state = states.get(operation.key());
      missing.remove(operation.key());
      if (state == null || !operation.leavesAs(state)) {
        missing.put(operation.key(), operation.id());
      }
    }
  }

  // ---- the log ----

  /** Whether that was the next block; if not, another agent has added one. */
  private boolean add(Frames frames, long millis, TakeOverPlace place) {
    long committed = Math.max(end.millis(), millis);
    Block block =
        new Block(
            end.number() + 1,
            new ObjectId(),
            agent,
            end,
            committed,
            false,
            Map.of(TakeOverPlace.SOURCE, place.toString()),
            LogBatch.of(end.sequence() + 1, committed, incarnation, List.of(frames)).frames());
    boolean added = log.insert(block);
    if (added) {
      end = block.end();
      tellLeftOut();
    }
    leftOut.clear();
    return added;
  }

  private void tellLeftOut() {
    for (String one : leftOut) {
      if (unusable++ < MOST_TOLD) {
        LOG.warn("{}", one);
      }
    }
  }
}
