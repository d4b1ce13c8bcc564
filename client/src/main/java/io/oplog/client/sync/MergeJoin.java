package io.oplog.client.sync;

import io.oplog.client.sync.sort.Entry;
import io.oplog.client.sync.sort.EntryFile;
import io.oplog.client.sync.sort.ObjectCursor;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the sorted lines of a dump and the sorted states of a log side by side, and writes
 * the operations that mend the difference. Thread-confined, for one use.
 */
final class MergeJoin {
  private final Comparison comparison;
  private final long age;
  private final EntryFile.Writer plan;
  private final Progress progress;
  private final VerdictCounts verdicts = new VerdictCounts();
  private final ObjectCursor lines;
  private final ObjectCursor states;
  private long operations;
  private long living;

  /** Says what is to be done about an object, of which a side may know nothing. */
  @FunctionalInterface
  interface Comparison {
    Verdict of(@Nullable Operation line, @Nullable Entry state);
  }

  /** Hears how many entries were compared. */
  @FunctionalInterface
  interface Progress {
    void compared(long entries);
  }

  MergeJoin(
      ObjectCursor lines,
      ObjectCursor states,
      Comparison comparison,
      long age,
      EntryFile.Writer plan,
      Progress progress) {
    this.comparison = comparison;
    this.lines = lines;
    this.states = states;
    this.age = age;
    this.plan = plan;
    this.progress = progress;
  }

  /** What is to be thrown where two lines are of one object. */
  static DumpException repeated(Entry before, Entry by) {
    return new DumpException(
        String.format(
            "lines %d and %d are of the same object, %s",
            before.order(), by.order(), Entry.name(by.operation())));
  }

  /**
   * Walks to the end.
   *
   * @throws DumpException when an object stands in two lines
   */
  void run() throws IOException {
    Entry line = lines.next();
    Entry state = states.next();
    while (line != null || state != null) {
      int order = order(line, state);
      judge(living(order <= 0 ? line : null), order >= 0 ? state : null);
      line = order <= 0 ? lines.next() : line;
      state = order >= 0 ? states.next() : state;
      progress.compared(lines.passed() + states.passed());
    }
  }

  /** Below 0 when the dump's object comes first, above when the log's. */
  private int order(@Nullable Entry line, @Nullable Entry state) {
    if (line == null || state == null) {
      return line == null ? 1 : -1;
    }
    return lines.compareObjects(states);
  }

  static @Nullable Operation operation(@Nullable Entry entry) {
    return entry == null ? null : entry.operation();
  }

  /** What a source tells of itself may say that an object is no more. */
  private static @Nullable Operation living(@Nullable Entry line) {
    Operation told = operation(line);
    return told == null || told.kind() == OperationKind.DELETE ? null : told;
  }

  private void judge(@Nullable Operation line, @Nullable Entry known) throws IOException {
    Verdict verdict = comparison.of(line, known);
    Operation state = operation(known);
    living += state != null && state.kind() != OperationKind.DELETE ? 1 : 0;
    if (line != null) {
      verdicts.count(line.type(), verdict);
      mend(verdict, line, state);
    } else if (state != null && verdict != Verdict.GONE) {
      verdicts.count(state.type(), verdict);
      delete(verdict, state);
    }
  }

  private void mend(Verdict verdict, Operation line, @Nullable Operation state) throws IOException {
    if (verdict == Verdict.INSERT) {
      write(line, OperationKind.INSERT, line.timestampMillis(), line.parents(), true);
    } else if (verdict == Verdict.UPDATE && state != null) {
      update(line, state);
    }
  }

  /** A millisecond before the dump: of that moment on it may have come to life again. */
  private void delete(Verdict verdict, Operation state) throws IOException {
    if (verdict == Verdict.DELETE) {
      write(state, OperationKind.DELETE, age - 1, state.parents(), true);
    }
  }

  /** Who filters by a parent that the object left hears of it by an operation that names both. */
  private void update(Operation line, Operation state) throws IOException {
    if (!line.parents().containsAll(state.parents())) {
      Set<String> both = new LinkedHashSet<>(line.parents());
      both.addAll(state.parents());
      write(line, OperationKind.UPDATE, line.timestampMillis(), new ArrayList<>(both), false);
    }
    write(line, OperationKind.UPDATE, line.timestampMillis(), line.parents(), true);
  }

  private void write(
      Operation object, OperationKind kind, long millis, List<String> parents, boolean counted)
      throws IOException {
    Operation operation = new Operation(kind, object.type(), object.id(), parents, millis);
    plan.add(new Entry(operation, counted ? Difference.COUNTED : Difference.NOT_COUNTED));
    operations++;
  }

  VerdictCounts verdicts() {
    return verdicts;
  }

  /** How many operations were written. */
  long operations() {
    return operations;
  }

  /** How many objects live in the log. */
  long living() {
    return living;
  }
}
