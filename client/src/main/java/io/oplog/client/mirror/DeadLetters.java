package io.oplog.client.mirror;

import io.oplog.protocol.Operation;

/** Hears of objects that cannot be had. Called by several threads at once. */
@FunctionalInterface
public interface DeadLetters {
  /** What to do then. */
  enum Verdict {
    /** The object stays as it is until a reset, which removes it; the mirror goes on. */
    SKIP,
    /** The mirror ends, and begins with this object when it runs again. */
    STOP
  }

  /** Ends the mirror at the first one. */
  DeadLetters STOPPING = (operation, cause) -> Verdict.STOP;

  Verdict hear(Operation operation, Exception cause);
}
