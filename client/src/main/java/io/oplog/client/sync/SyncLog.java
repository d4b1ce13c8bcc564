package io.oplog.client.sync;

import io.oplog.client.IngestClient.Receipt;
import io.oplog.client.SourceStep;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** The log that is mended: the two ways of reading it, and the one of writing. */
public interface SyncLog {

  /** Hears of operations, or of states, in the log's order. */
  @FunctionalInterface
  interface Changes {
    /** An operation at its position. */
    void changed(EventId id, Operation operation) throws IOException;

    /** What was heard is void, and everything follows. */
    default void restart() throws IOException {}
  }

  /**
   * Every object that exists, and every tombstone that is kept; of an object that changes meanwhile
   * several, the newest last.
   *
   * @param types leave out others; empty for none. A longer list may bring others
   * @return the position they stand for
   */
  EventId states(Set<String> types, Changes heard) throws IOException, InterruptedException;

  /** The position of the log's end now; {@link EventId#sequence} 0 where it is empty. */
  EventId end() throws IOException, InterruptedException;

  /**
   * Every operation after a position up to the log's end of now, and at least through a sequence.
   * Of operations that have left the log the states that they made.
   *
   * @return the last position heard, or {@code after}
   * @throws HistoryLostException when the log cannot say what came after it
   */
  EventId follow(EventId after, long through, Changes heard)
      throws IOException, InterruptedException;

  /** Where a source stands. */
  Optional<String> position(String source) throws IOException, InterruptedException;

  /** Appends operations, one a line, and moves the source; as {@code IngestClient} does. */
  Receipt send(byte[] ndjson, SourceStep step) throws IOException, InterruptedException;

  /** Moves the source alone. */
  Receipt move(SourceStep step) throws IOException, InterruptedException;
}
