package io.oplog.core.store;

import io.oplog.protocol.Frames;

/** What a read of the states found. */
public sealed interface StatePage {

  /**
   * States in the order of their positions, ids in place.
   *
   * @param frames what passed the filter; may be empty though {@code through} moved
   * @param through the position up to which the states were read; never less than {@code after}
   * @param throughSecond the commit second of {@code through}, or of the last state at or before it
   * @param atFold whether nothing is left up to the fold position of the snapshot; {@code through}
   *     is that position then, or {@code after} where that is later
   */
  record Read(Frames frames, long through, long throughSecond, boolean atFold)
      implements StatePage {}

  /** A tombstone that this consumer may need was dropped: it must start anew. */
  record FloorPassed() implements StatePage {}

  /**
   * The states do not hold yet what this consumer takes for granted, since a crash threw them back
   * behind what it has seen of them: it reads again when they have moved on.
   *
   * @param fold the fold position of the snapshot
   */
  record FoldBehind(long fold) implements StatePage {}
}
