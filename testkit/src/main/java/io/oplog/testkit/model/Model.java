package io.oplog.testkit.model;

import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a store should hold: all operations ever acknowledged, and when they were committed. */
final class Model {
  /** An operation in its place. */
  record Entry(long sequence, long millis, Operation operation) {
    String object() {
      return operation.type() + "/" + operation.id();
    }

    boolean deleted() {
      return operation.kind() == OperationKind.DELETE;
    }
  }

  private final List<Entry> entries;

  Model() {
    this(List.of());
  }

  private Model(List<Entry> entries) {
    this.entries = new ArrayList<>(entries);
  }

  Model copy() {
    return new Model(entries);
  }

  void add(long millis, Operation operation) {
    entries.add(new Entry(entries.size() + 1, millis, operation));
  }

  long head() {
    return entries.size();
  }

  Entry at(long sequence) {
    return entries.get((int) sequence - 1);
  }

  /** The last operation of each object, up to a sequence. */
  Map<String, Entry> lastOf(long through) {
    Map<String, Entry> last = new TreeMap<>();
    for (Entry entry : entries.subList(0, (int) through)) {
      last.put(entry.object(), entry);
    }
    return last;
  }

  /** The objects that exist and pass a filter, with their parents. */
  Map<String, List<String>> objects(Filter filter) {
    Map<String, List<String>> objects = new TreeMap<>();
    lastOf(head())
        .forEach((object, entry) -> {
          if (!entry.deleted() && passes(filter, entry.operation())) {
            objects.put(object, entry.operation().parents());
          }
        });
    return objects;
  }

  static boolean passes(Filter filter, Operation operation) {
    return (filter.types().isEmpty() || filter.types().contains(operation.type()))
        && (filter.parents().isEmpty()
            || !Collections.disjoint(filter.parents(), operation.parents()));
  }
}
