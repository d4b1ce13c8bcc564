package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import io.oplog.protocol.StreamEvent;
import io.oplog.protocol.StreamEvent.Change;
import java.io.IOException;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/**
 * The log as it was read from the server: the number and the id of the operation at each sequence.
 * It only grows, whatever happens to the server. One thread grows it, any thread reads it.
 */
final class History {
  private final Script script;
  private final EventId anchor;
  private final Longs numbers = new Longs();
  private final Longs seconds = new Longs();
  private EventId last;

  /** Starts with the operation that the log begins with; it was acknowledged with that id. */
  History(Script script, EventId anchor, long number) {
    this.script = script;
    this.anchor = anchor;
    this.last = anchor;
    numbers.add(number);
    seconds.add(anchor.seconds());
  }

  EventId anchor() {
    return anchor;
  }

  long head() {
    return last.sequence();
  }

  long numberAt(long sequence) {
    return numbers.get((int) (sequence - anchor.sequence()));
  }

  EventId idAt(long sequence) {
    long second = seconds.get((int) (sequence - anchor.sequence()));
    return new EventId(second, anchor.incarnation(), sequence);
  }

  /** Reads on, at least to a sequence. What was read stays when the stream ends before. */
  void extend(int port, long through) throws IOException {
    if (through > head()) {
      read(port, last, through, this::append);
    }
  }

  private void append(Change change) {
    numbers.add(Script.numberOf(change.operation()));
    seconds.add(change.id().seconds());
    last = change.id();
  }

  /** Reads everything again: what was read once stays. */
  void verify(int port) throws IOException {
    read(port, anchor, head(), this::verify);
  }

  private void verify(Change change) {
    long sequence = change.id().sequence();
    assertThat(Script.numberOf(change.operation()))
        .as("the operation at %d", sequence)
        .isEqualTo(numberAt(sequence));
    assertThat(change.id()).isEqualTo(idAt(sequence));
  }

  private interface Visitor {
    void visit(Change change);
  }

  private void read(int port, EventId after, long through, Visitor visitor) throws IOException {
    try (Stream stream = Stream.open(Access.to(port), "/ops", after.toString())) {
      EventId at = after;
      while (at.sequence() < through) {
        Change change = operation(stream.next(), at);
        visitor.visit(change);
        at = change.id();
      }
    }
  }

  /** The operation just after an id, exactly as it was sent. */
  private Change operation(StreamEvent event, EventId after) {
    if (!(event instanceof Change change)) {
      return fail("the log after %s is lost: the server sent %s".formatted(after, event));
    }
    assertThat(change.id().sequence())
        .as("the sequence after %s", after)
        .isEqualTo(after.sequence() + 1);
    assertThat(change.id().incarnation()).as("incarnation").isEqualTo(after.incarnation());
    assertThat(change.id().seconds()).as("commit second").isGreaterThanOrEqualTo(after.seconds());
    assertThat(change.operation()).isEqualTo(sent(change.operation()));
    return change;
  }

  private Operation sent(Operation operation) {
    return script.operation(Script.numberOf(operation));
  }

  /** The objects at a position, of those that a filter passes. */
  Replica fold(long through, LongPredicate passes) {
    Replica fold = new Replica(script);
    for (long at = anchor.sequence(); at <= through; at++) {
      if (passes.test(numberAt(at))) {
        fold.apply(at, script.operation(numberAt(at)));
      }
    }
    return fold;
  }

  /** The sequences after the anchor, to the end, of the operations that a filter passes. */
  long[] sequences(LongPredicate passes) {
    return LongStream.rangeClosed(anchor.sequence() + 1, head())
        .filter(sequence -> passes.test(numberAt(sequence)))
        .toArray();
  }
}
