package io.oplog.core.relay;

import java.io.IOException;

/**
 * Everything that a source has, for a sink that cannot be brought up to date by changes alone. Used
 * once, by one thread.
 */
public interface Scan<C> {

  /** Takes what is told. */
  @FunctionalInterface
  interface Taker<C> {
    /** An object that exists, as the change that makes it. */
    void take(C change) throws IOException, InterruptedException;

    /** What was told is void, and everything follows. */
    default void restart() throws IOException {}
  }

  /**
   * When the scan begins, in milliseconds since the epoch: what happens later it may not have, and
   * comes as a change.
   */
  long beginsAtMillis();

  /**
   * Tells every object that exists; one that changes meanwhile perhaps several times, the newest
   * last.
   *
   * @return the position it stands for: whoever reads on from there misses nothing
   */
  String read(Taker<? super C> taker) throws IOException, InterruptedException;

  /** Tells nothing, and returns the position of now. */
  String skip() throws IOException, InterruptedException;
}
