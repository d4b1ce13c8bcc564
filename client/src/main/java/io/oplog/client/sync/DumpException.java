package io.oplog.client.sync;

import java.io.IOException;

/** The dump cannot be used. Nothing was sent because of it. */
public final class DumpException extends IOException {
  private static final long serialVersionUID = 1L;

  DumpException(String message) {
    super(message);
  }
}
