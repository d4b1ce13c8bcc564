package io.oplog.core.relay;

import io.oplog.protocol.Operation;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Where operations go. Used by one thread, but for {@link #check} and {@link #close}.
 *
 * <p>Back-pressure is the caller's waiting: {@link #put} returns when the batch is durable.
 */
public interface Sink extends AutoCloseable {

  /** Where a source stands here; empty when nothing of it was ever stored. */
  Optional<String> position(String source) throws IOException, InterruptedException;

  /**
   * Stores a batch together with the source's position after it, if the source stands where the
   * caller says.
   *
   * @param from the position that must be stored now; empty where none may be
   * @throws IOException when it is not known whether the batch was stored: the position tells
   */
  Receipt put(String source, Optional<String> from, Batch batch)
      throws IOException, InterruptedException;

  /** What became of a batch. */
  sealed interface Receipt {}

  /**
   * It is durable.
   *
   * @param refused operations that this sink will never take, which were left out
   */
  record Stored(List<Refusal> refused) implements Receipt {
    public Stored {
      refused = List.copyOf(refused);
    }
  }

  /** Nothing was stored: the source stands elsewhere. */
  record Elsewhere() implements Receipt {}

  /** Nothing was stored: the batch is too long, and has more than one operation. */
  record TooLong() implements Receipt {}

  /**
   * An operation that was left out.
   *
   * @param reason in the sink's words
   */
  record Refusal(Operation operation, String reason) {}

  /**
   * Whether operations can be stored.
   *
   * @throws IOException with what is wrong and what to do
   */
  void check() throws IOException, InterruptedException;

  @Override
  void close();
}
