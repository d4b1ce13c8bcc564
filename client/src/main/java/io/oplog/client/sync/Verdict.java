package io.oplog.client.sync;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What comparing a dump with a log says about one object. */
enum Verdict {
  /** It exists, and the log does not know it, or knows of an older deletion. */
  INSERT,
  /** The dump is newer than the log. */
  UPDATE,
  /** It does not exist, and the log's state is older than the dump. */
  DELETE,
  /** Both say the same. */
  SAME,
  /** The log is newer than the dump. */
  LEFT_ALONE,
  /** It exists on neither side. */
  GONE;

  /**
   * Compares.
   *
   * @param line what the dump says; null where it lacks the object
   * @param state what the log says, a delete being a tombstone; null where it knows nothing
   * @param age how old the dump is, in milliseconds since the epoch: of what the log says from then
   *     on the dump knows nothing
   */
  static Verdict of(@Nullable Operation line, @Nullable Operation state, long age) {
    if (line == null) {
      return state == null || isDeleted(state) ? GONE : missing(state, age);
    }
    if (state == null) {
      return INSERT;
    }
    if (isDeleted(state)) {
      return line.timestampMillis() > state.timestampMillis() ? INSERT : LEFT_ALONE;
    }
    return both(line, state, age);
  }

  /**
   * Compares with what was read of a source itself, whatever times objects have of their own: one
   * that came back unchanged has an old one, and a clock that is ahead makes a new one.
   *
   * @param isOlder whether the log had the state before reading the source began, and so knows less
   */
  static Verdict ofSource(@Nullable Operation line, @Nullable Operation state, boolean isOlder) {
    if (state == null) {
      return line == null ? GONE : INSERT;
    }
    if (line == null && isDeleted(state)) {
      return GONE;
    }
    if (!isOlder) {
      return LEFT_ALONE;
    }
    if (line == null) {
      return DELETE;
    }
    return isDeleted(state) ? INSERT : ofSource(line, state);
  }

  private static Verdict ofSource(Operation line, Operation state) {
    if (!sameParents(line.parents(), state.parents())) {
      return UPDATE;
    }
    int order = Long.compare(line.timestampMillis(), state.timestampMillis());
    return order == 0 ? SAME : order > 0 ? UPDATE : LEFT_ALONE;
  }

  private static boolean isDeleted(Operation state) {
    return state.kind() == OperationKind.DELETE;
  }

  private static Verdict missing(Operation state, long age) {
    return state.timestampMillis() < age ? DELETE : LEFT_ALONE;
  }

  /** Of one moment, which may be as long as a second, the dump knows the end if it is younger. */
  private static Verdict both(Operation line, Operation state, long age) {
    int order = Long.compare(line.timestampMillis(), state.timestampMillis());
    if (order == 0 && !sameParents(line.parents(), state.parents())) {
      return state.timestampMillis() < age ? UPDATE : LEFT_ALONE;
    }
    return order == 0 ? SAME : order > 0 ? UPDATE : LEFT_ALONE;
  }

  /** Parents are for filters, where their order and repetitions mean nothing. */
  static boolean sameParents(List<String> a, List<String> b) {
    return a.equals(b) || new HashSet<>(a).equals(new HashSet<>(b));
  }
}
