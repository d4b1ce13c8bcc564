package io.oplog.client;

import java.io.IOException;
import java.time.Duration;

/** The server answered that it cannot now. */
final class BusyException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Duration retryAfter;

  BusyException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  static Duration retryAfter(IOException cause) {
    return cause instanceof BusyException busy ? busy.retryAfter : Duration.ZERO;
  }
}
