package io.oplog.client;

import java.io.IOException;

/**
 * A line of the input is not an operation. Everything before it was sent, nothing from it on. The
 * message names the line and the reason.
 */
public final class BrokenLineException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long line;

  BrokenLineException(long line, String reason) {
    super("line " + line + ": " + reason);
    this.line = line;
  }

  /** The line, counted from 1. */
  public long line() {
    return line;
  }
}
