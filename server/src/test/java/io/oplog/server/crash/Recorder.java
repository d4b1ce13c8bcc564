package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.oplog.protocol.EventId;
import io.oplog.protocol.StreamEvent.Change;
import io.oplog.protocol.StreamEvent.Live;
import io.oplog.protocol.StreamEvent.Reset;
import java.util.function.LongPredicate;

/** A consumer that is live from the start, and is to get exactly the operations it asked for. */
final class Recorder implements Follower.Use {
  private final LongPredicate wanted;
  private final Longs sequences = new Longs();
  private final Longs seconds = new Longs();
  private final Longs numbers = new Longs();

  /**
   * Makes a consumer.
   *
   * @param wanted whether it asked for the operation of that number
   */
  Recorder(LongPredicate wanted) {
    this.wanted = wanted;
  }

  /** Whether it asked for the operation of a number. */
  LongPredicate wanted() {
    return wanted;
  }

  @Override
  public void change(Change change) {
    sequences.add(change.id().sequence());
    seconds.add(change.id().seconds());
    numbers.add(Script.numberOf(change.operation()));
  }

  @Override
  public void reset(Reset reset) {
    fail("a consumer whose place is in the log got " + reset);
  }

  @Override
  public void live(Live live) {
    fail("a consumer whose place is in the log got " + live);
  }

  /** Fails unless it got what is in the log, all of it, once, in order, under the same ids. */
  void verify(History history) {
    long[] expected = history.sequences(wanted);
    assertThat(sequences.size()).isGreaterThanOrEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      EventId id = history.idAt(expected[i]);
      assertThat(sequences.get(i)).as("event %d", i).isEqualTo(id.sequence());
      assertThat(seconds.get(i)).as("second of event %d", i).isEqualTo(id.seconds());
      assertThat(numbers.get(i)).isEqualTo(history.numberAt(id.sequence()));
    }
  }
}
