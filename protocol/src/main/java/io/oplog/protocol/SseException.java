package io.oplog.protocol;

import java.io.IOException;

/** A stream of Server-Sent Events passed a limit of the one who reads it. */
public final class SseException extends IOException {
  private static final long serialVersionUID = 1;

  private final String limit;
  private final int max;

  SseException(String limit, int max) {
    super("the stream passes " + limit + "=" + max);
    this.limit = limit;
    this.max = max;
  }

  /** The name of the limit: {@code maxLineBytes} or {@code maxEventBytes}. */
  public String limit() {
    return limit;
  }

  /** The limit, in bytes. */
  public int max() {
    return max;
  }
}
