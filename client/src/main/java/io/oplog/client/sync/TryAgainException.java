package io.oplog.client.sync;

import java.io.IOException;

/**
 * The run cannot go on, and another one can: somebody else syncs the same log, or it changes faster
 * than can be followed. What was sent is right, or is recorded to be mended by the next run.
 */
public class TryAgainException extends IOException {
  private static final long serialVersionUID = 1L;

  TryAgainException(String message) {
    super(message);
  }
}
