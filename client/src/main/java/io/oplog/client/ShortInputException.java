package io.oplog.client;

import java.io.IOException;

/**
 * The input ends before the line that its source has reached: it is another one than last time, or
 * was cut. Nothing was sent.
 */
public final class ShortInputException extends IOException {
  private static final long serialVersionUID = 1L;

  ShortInputException(String source, long lastLine, long reached) {
    super(
        "ends after line "
            + lastLine
            + ", and the source "
            + source
            + " has line "
            + reached
            + " already");
  }
}
