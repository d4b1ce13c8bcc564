package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.EventId;
import io.oplog.protocol.StreamEvent.Change;
import io.oplog.protocol.StreamEvent.Live;
import io.oplog.protocol.StreamEvent.Reset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds the server's log against the ledger, and its states against the log. Works while producers
 * write. Thread-confined.
 */
final class LogCheck {
  private final Script script;
  private final Ledger ledger;
  private final History history;
  private final BodyOrder order;
  private final Replica fold;
  private final List<Ledger.Acknowledged> promises = new ArrayList<>();
  private long checked;

  LogCheck(Script script, Ledger ledger, History history) {
    this.script = script;
    this.ledger = ledger;
    this.history = history;
    this.order = new BodyOrder(ledger);
    this.fold = new Replica(script);
    this.checked = history.anchor().sequence() - 1;
  }

  History history() {
    return history;
  }

  /**
   * Fails when something that was acknowledged by now is missing, or something is wrong. May be
   * called again when a stream ended before its time.
   *
   * @param writing port of the server that takes one more operation
   * @param reading port of the one that is looked at; the same, or another with the same log
   */
  void check(int writing, int reading) throws IOException {
    promises.addAll(ledger.takeAcknowledged());
    EventId marker = Producer.mark(writing, script, ledger);
    assertThat(marker.sequence()).as("a new position").isGreaterThan(history.head());
    history.extend(reading, marker.sequence());
    follow(marker.sequence());
    promises.forEach(this::verify);
    promises.clear();
    verifyStates(reading, marker.sequence());
  }

  private void follow(long through) {
    for (; checked < through; checked++) {
      long sequence = checked + 1;
      long number = history.numberAt(sequence);
      order.next(sequence, number);
      fold.apply(sequence, script.operation(number));
    }
  }

  private void verify(Ledger.Acknowledged promise) {
    Body body = promise.body();
    assertThat(order.has(body.first())).as("acknowledged, but missing: %s", promise).isTrue();
    EventId last = promise.last();
    if (last != null) {
      assertThat(history.numberAt(last.sequence()))
          .as("the operation at the acknowledged position of %s", promise)
          .isEqualTo(body.last());
      assertThat(history.idAt(last.sequence())).as("its id").isEqualTo(last);
    }
  }

  /** Replicates from the beginning at least to a sequence, and holds it against the fold there. */
  private void verifyStates(int port, long atLeast) throws IOException {
    Replica replica = new Replica(script);
    long through = replicate(port, replica, atLeast);
    history.extend(port, through);
    follow(through);
    replica.verifyEquals(fold);
  }

  private long replicate(int port, Replica replica, long atLeast) throws IOException {
    try (Stream stream = Stream.open(Access.to(port), "/", "0")) {
      assertThat(stream.next()).isInstanceOf(Reset.class);
      long position = 0;
      for (boolean live = false; !live || position < atLeast; ) {
        switch (stream.next()) {
          case Change change -> position = rising(position, replica, change);
          case Live event -> {
            live = true;
            position = Math.max(position, event.id().sequence());
          }
          case Object other -> throw new AssertionError("in a replication came " + other);
        }
      }
      return position;
    }
  }

  private static long rising(long position, Replica replica, Change change) {
    assertThat(change.id().sequence())
        .as("the position after %d", position)
        .isGreaterThan(position);
    replica.apply(change);
    return change.id().sequence();
  }
}
