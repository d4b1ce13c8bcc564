package io.oplog.core.engine;

/**
 * What a reader found for a follower that is behind: bytes to send, and where to go on.
 *
 * @param bytes whole events
 * @param length how many bytes count
 * @param events how many operations and states are among them
 * @param next where the stream goes on after them
 * @param then how
 */
@SuppressWarnings("ArrayRecordComponent") // handed from the reader to the loop, never shared
record CatchUpStep(byte[] bytes, int length, int events, StreamStart next, Then then) {

  /** How a stream goes on. */
  enum Then {
    /** There is more to read from the store. */
    READ_ON,
    /** The tail may hold what follows. */
    JOIN_TAIL,
    /** The states have not yet reached the head that was seen at connect. */
    AWAIT_FOLD
  }

  /** The position that the stream has reached after these bytes. */
  long place() {
    return switch (next) {
      case StreamStart.Log log -> log.after();
      case StreamStart.States states -> states.after();
      case StreamStart.Reset reset -> 0;
      case StreamStart.Live live -> 0;
    };
  }
}
