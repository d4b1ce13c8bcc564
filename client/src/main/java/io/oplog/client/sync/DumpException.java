package io.oplog.client.sync;

import java.io.IOException;

/** The dump cannot be used. Nothing was sent because of it. */
public sealed class DumpException extends IOException permits EmptyDumpException {
  private static final long serialVersionUID = 1L;

  DumpException(String message) {
    super(message);
  }
}
