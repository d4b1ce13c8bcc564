package io.oplog.core.relay;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Where changes go. Used by one thread, but for {@link #check} and {@link #close}.
 *
 * <p>Back-pressure is the caller's waiting: {@link #put} returns when the batch is durable.
 *
 * @param <C> what a change is
 */
public interface Sink<C> extends AutoCloseable {

  /** Where a source stands here; empty when nothing of it was ever stored. */
  Optional<String> position(String source) throws IOException, InterruptedException;

  /**
   * Stores a batch together with the source's position after it, if the source stands where the
   * caller says.
   *
   * @param from the position that must be stored now; empty where none may be
   * @throws IOException when it is not known whether the batch was stored: the position tells
   */
  Receipt put(String source, Optional<String> from, Batch<C> batch)
      throws IOException, InterruptedException;

  /**
   * Brings what is here in line with everything that a source has, as far as this sink keeps
   * anything, and stores the position that the scan stands for. One that was cut is begun anew.
   *
   * @param from as for {@link #put}
   * @param reason why, for whoever reads what this sink writes
   */
  Receipt reconcile(String source, Optional<String> from, Scan<C> scan, String reason)
      throws IOException, InterruptedException;

  /** What became of a batch. */
  sealed interface Receipt {}

  /**
   * It is durable.
   *
   * @param refused changes that this sink will never take, which were left out
   */
  record Stored(List<Refusal> refused) implements Receipt {
    public Stored {
      refused = List.copyOf(refused);
    }
  }

  /** Nothing was stored: the source stands elsewhere. */
  record Elsewhere() implements Receipt {}

  /** Nothing was stored: the batch is too long, and has more than one change. */
  record TooLong() implements Receipt {}

  /**
   * A change that was left out.
   *
   * @param object what it is about, as in {@code video/xk32jd}
   * @param reason in the sink's words
   */
  record Refusal(String object, String reason) {}

  /**
   * Whether changes can be stored.
   *
   * @throws UnusableException when that cannot change by itself
   * @throws IOException with what is wrong and what to do
   */
  void check() throws IOException, InterruptedException;

  /** How many changes were left out because an operator said so. Any thread. */
  default long discarded() {
    return 0;
  }

  /**
   * How often this sink went on at the end although it had been elsewhere before: each time changes
   * may not have been passed on. Any thread.
   */
  default long skips() {
    return 0;
  }

  @Override
  void close();
}
