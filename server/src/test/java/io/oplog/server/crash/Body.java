package io.oplog.server.crash;

import org.jspecify.annotations.Nullable;

/**
 * Operations that were sent together: all of them are in the log, one after the other, or none.
 *
 * @param first number of the first operation
 * @param count how many, with the numbers that follow
 * @param step the place in its source's steps; null when it has no source
 * @param answered whether its producer is told; else what the store did with it may be unknown to
 *     everybody, and it is stored once more
 */
record Body(long first, int count, @Nullable Step step, boolean answered) {

  /** One step of a source; the first one is 1. */
  record Step(String source, long number) {

    /** The header of the request. */
    String header() {
      String from = number == 1 ? "" : "; from=" + (number - 1);
      return source + from + "; to=" + number;
    }
  }

  long last() {
    return first + count - 1;
  }
}
