package io.oplog.client.mirror;

import io.oplog.protocol.Operation;

/** Hears of objects that cannot be had. Called by several threads at once. */
@FunctionalInterface
public interface DeadLetterHandler {
  /** What to do then. */
  enum Verdict {
    /** The object stays as it is until a reset, which removes it; the mirror goes on. */
    SKIP,
    /** The mirror ends, and begins with this object when it runs again. */
    STOP
  }

  /** Ends the mirror at the first one. */
  DeadLetterHandler STOPPING = (operation, cause) -> Verdict.STOP;

  /**
   * An object was tried as often as it may be.
   *
   * @param cause the error of the last attempt
   */
  Verdict onDeadLetter(Operation operation, Exception cause);
}
