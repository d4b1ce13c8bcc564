package io.oplog.client;

import java.io.IOException;

/** The server sent what is not an event of ours, or more than the limits of the parser allow. */
public final class MalformedStreamException extends IOException {
  private static final long serialVersionUID = 1L;

  MalformedStreamException(String message, Throwable cause) {
    super(message, cause);
  }
}
