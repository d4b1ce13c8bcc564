package io.oplog.core.memory;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.Bounds.Floor;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Frame;
import io.oplog.protocol.FrameFields;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The object states, in the order of their last operation, and the parents that objects left. */
final class StateFold {
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record State(long sequence, long millis, byte[] frame, Operation operation) {
    boolean deleted() {
      return operation.kind() == OperationKind.DELETE;
    }
  }

  private record Left(long millis, String object, List<String> parents) {}

  private static final long END = Long.MAX_VALUE;

  private final Map<String, State> objects = new HashMap<>();
  private final NavigableMap<Long, State> states = new TreeMap<>();
  private final NavigableMap<Long, Left> left = new TreeMap<>();
  private Floor floor = Floor.NONE;

  Floor floor() {
    return floor;
  }

  void fold(long sequence, long millis, byte[] frame) {
    Operation operation = new FrameFields().reset(frame, 0, frame.length).operation();
    State state = new State(sequence, millis, frame, operation);
    State before = objects.put(key(operation), state);
    states.put(sequence, state);
    if (before != null) {
      states.remove(before.sequence());
      recordLeft(before, state);
    }
  }

  private void recordLeft(State before, State now) {
    List<String> parents = new ArrayList<>(before.operation().parents());
    parents.removeAll(now.operation().parents());
    if (!parents.isEmpty()) {
      left.put(now.sequence(), new Left(now.millis(), key(now.operation()), parents));
    }
  }

  private static String key(Operation operation) {
    return operation.type() + "/" + operation.id();
  }

  /** Drops tombstones and left parents whose operation left the log and is older. */
  void dropDeletes(long logFirst, long cutoffMillis) {
    for (State state : List.copyOf(states.headMap(logFirst).values())) {
      if (state.deleted() && state.millis() < cutoffMillis) {
        states.remove(state.sequence());
        objects.remove(key(state.operation()));
        raiseFloor(state.sequence(), state.millis());
      }
    }
    for (Map.Entry<Long, Left> entry : List.copyOf(left.headMap(logFirst).entrySet())) {
      if (entry.getValue().millis() < cutoffMillis) {
        left.remove(entry.getKey());
        raiseFloor(entry.getKey(), entry.getValue().millis());
      }
    }
  }

  private void raiseFloor(long sequence, long millis) {
    if (sequence > floor.sequence()) {
      floor = new Floor(sequence, millis / 1000);
    }
  }

  StatePage read(StateRead read, Bounds bounds, int incarnation) {
    if (floor.passedBy(read)) {
      return new StatePage.FloorPassed();
    }
    if (!read.relyOn(bounds.folded(), bounds.foldedSecond(), bounds.head())) {
      return new StatePage.FoldBehind(bounds.folded());
    }
    FrameCollector page = new FrameCollector();
    long through = read.after();
    long millis = 0;
    for (long position = next(through); position != END; position = next(through)) {
      byte[] frame = frameAt(position, read, incarnation);
      if (frame != null && !page.fits(frame, read.maxBytes())) {
        return new StatePage.Read(page.take(), through, millis / 1000, false);
      }
      if (frame != null) {
        page.add(frame);
      }
      through = position;
      millis = millisAt(position);
    }
    long end = Math.max(read.after(), bounds.folded());
    return new StatePage.Read(page.take(), end, bounds.foldedSecond(), true);
  }

  private long next(long after) {
    Long state = states.higherKey(after);
    Long gone = left.higherKey(after);
    return Math.min(state == null ? END : state, gone == null ? END : gone);
  }

  private long millisAt(long position) {
    State state = states.get(position);
    return state != null ? state.millis() : Objects.requireNonNull(left.get(position)).millis();
  }

  private byte @Nullable [] frameAt(long position, StateRead read, int incarnation) {
    long millis = millisAt(position);
    if (millis < read.committedFromMillis()) {
      return null;
    }
    State shown = stateAt(position, read, millis);
    return shown == null
        ? null
        : frame(shown, position, Math.max(millis / 1000, read.since()), incarnation);
  }

  private @Nullable State stateAt(long position, StateRead read, long millis) {
    boolean deletesCount = read.countsAsDelete(position, millis / 1000);
    State state = states.get(position);
    if (state != null
        && (!state.deleted() || deletesCount || read.tombstones())
        && read.filter().matches(state.frame(), 0)) {
      return state;
    }
    Left gone = left.get(position);
    return gone != null && deletesCount && asksFor(read.filter().filter(), gone)
        ? objects.get(gone.object())
        : null;
  }

  private boolean asksFor(Filter filter, Left gone) {
    State state = Objects.requireNonNull(objects.get(gone.object()));
    boolean type = filter.types().isEmpty() || filter.types().contains(state.operation().type());
    return type && !Collections.disjoint(filter.parents(), gone.parents());
  }

  private static byte[] frame(State state, long position, long seconds, int incarnation) {
    byte[] frame = state.frame().clone();
    Frame.putId(frame, 0, seconds, incarnation, position);
    Frame.putKind(frame, 0, state.deleted() ? OperationKind.DELETE : OperationKind.INSERT);
    return frame;
  }
}
