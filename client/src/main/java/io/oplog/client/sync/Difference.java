package io.oplog.client.sync;

import io.oplog.client.sync.sort.Entry;
import io.oplog.client.sync.sort.EntryFile;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.util.Collections;

/** What would mend the log: operations in a temporary file, in the order of their objects. */
public final class Difference {
  /** Where an operation stands in the file in place of an order: whether it is counted. */
  static final long COUNTED = 1;

  static final long NOT_COUNTED = 0;

  private final EntryFile file;
  private final VerdictCounts verdicts;
  private final long operations;
  private final long living;
  private final long age;
  private final EventId position;

  Difference(
      EntryFile file,
      VerdictCounts verdicts,
      long operations,
      long living,
      long age,
      EventId position) {
    this.file = file;
    this.verdicts = verdicts;
    this.operations = operations;
    this.living = living;
    this.age = age;
    this.position = position;
  }

  /** How many operations it has. */
  public long size() {
    return operations;
  }

  /** What it would do. */
  public Report report() {
    return new Report(verdicts.counts(Collections.emptySortedMap()), 0, age, position);
  }

  VerdictCounts verdicts() {
    return verdicts;
  }

  /** How many objects live in the log, of the types that were compared. */
  long living() {
    return living;
  }

  long age() {
    return age;
  }

  /** The position of the states that were compared. */
  EventId position() {
    return position;
  }

  /** Takes operations one by one. */
  @FunctionalInterface
  public interface Sink {
    void accept(Operation operation) throws IOException;
  }

  /** Hands over all operations. */
  public void forEach(Sink sink) throws IOException {
    try (EntryFile.Reader all = open()) {
      for (Entry next = all.next(); next != null; next = all.next()) {
        sink.accept(next.operation());
      }
    }
  }

  EntryFile.Reader open() throws IOException {
    return file.read();
  }

  /** The verdict that an operation of ours came from. */
  static Verdict verdict(Operation operation) {
    return switch (operation.kind()) {
      case INSERT -> Verdict.INSERT;
      case UPDATE -> Verdict.UPDATE;
      case DELETE -> Verdict.DELETE;
    };
  }
}
