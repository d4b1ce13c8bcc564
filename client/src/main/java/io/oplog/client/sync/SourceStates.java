package io.oplog.client.sync;

import io.oplog.protocol.Operation;
import java.io.IOException;

/** A source that tells itself what exists in it, and so needs no dump. */
@FunctionalInterface
public interface SourceStates {

  /** Takes what exists. */
  interface Taker {
    /** An object as it is; a delete for one told before that is no more. */
    void take(Operation state) throws IOException;

    /** What was told is void, and everything follows. */
    void restart() throws IOException;
  }

  /** Tells every object, in any order; of one that changes meanwhile several, the newest last. */
  void tell(Taker taker) throws IOException, InterruptedException;
}
