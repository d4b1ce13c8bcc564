package io.oplog.client;

import java.io.IOException;

/** What was asked of is closed. */
public final class ClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Of something.
   *
   * @param what is closed, in words
   */
  public ClosedException(String what) {
    super(what + " was closed");
  }
}
