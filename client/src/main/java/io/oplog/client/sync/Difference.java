package io.oplog.client.sync;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;

/** What would mend the log: operations in a temporary file, in the order of their objects. */
public final class Difference {
  /** Where an operation stands in the file in place of an order: whether it is counted. */
  static final long COUNTED = 1;

  static final long NOT_COUNTED = 0;

  private static final int READ_BYTES = 1 << 18;

  private final Scratch scratch;
  private final Path file;
  private final Tally tally;
  private final long operations;
  private final long living;
  private final long age;
  private final EventId position;

  Difference(
      Scratch scratch,
      Path file,
      Tally tally,
      long operations,
      long living,
      long age,
      EventId position) {
    this.scratch = scratch;
    this.file = file;
    this.tally = tally;
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
    return new Report(tally.counts(Collections.emptySortedMap()), 0, age, position);
  }

  Tally tally() {
    return tally;
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
    try (Operations all = open()) {
      for (Optional<Entry> next = all.next(); next.isPresent(); next = all.next()) {
        sink.accept(next.get().operation());
      }
    }
  }

  Operations open() throws IOException {
    return new Operations(new RunReader(scratch.read(file), READ_BYTES));
  }

  /** Reads the file. */
  static final class Operations implements Closeable {
    private final RunReader reader;

    private Operations(RunReader reader) {
      this.reader = reader;
    }

    Optional<Entry> next() throws IOException {
      return reader.next() ? Optional.of(reader.current().decode()) : Optional.empty();
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
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
