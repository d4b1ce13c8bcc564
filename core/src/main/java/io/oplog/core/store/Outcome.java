package io.oplog.core.store;

import io.oplog.protocol.EventId;
import org.jspecify.annotations.Nullable;

/** What became of a submission that an append took. */
public sealed interface Outcome {

  /**
   * Durable.
   *
   * @param last the id of its last operation; null when it had none
   */
  record Stored(@Nullable EventId last) implements Outcome {}

  /**
   * Refused: the source stands elsewhere.
   *
   * @param stored the position that is stored; null when the source is not known
   */
  record SourceConflict(@Nullable String stored) implements Outcome {}
}
