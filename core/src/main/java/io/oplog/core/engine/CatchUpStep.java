package io.oplog.core.engine;

/**
 * What a reader found for a follower that is behind: bytes to send, and where to go on.
 *
 * @param bytes whole events
 * @param length how many bytes count
 * @param events how many operations and states are among them
 * @param next where the stream goes on after them
 * @param then how
 * @param pastFold the fold position that the states must have moved past, for {@link
 *     Then#AWAIT_FOLD}
 */
@SuppressWarnings("ArrayRecordComponent") // handed from the reader to the loop, never shared
record CatchUpStep(
    byte[] bytes, int length, int events, StreamStart next, Then then, long pastFold) {

  CatchUpStep(byte[] bytes, int length, int events, StreamStart next, Then then) {
    this(bytes, length, events, next, then, 0);
  }

  /** How a stream goes on. */
  enum Then {
    /** There is more to read from the store. */
    READ_ON,
    /** The tail may hold what follows. */
    JOIN_TAIL,
    /** The states are to move on first. */
    AWAIT_FOLD
  }
}
