package io.oplog.core.relay;

import java.io.IOException;

/**
 * What comes next is no longer to be had from the source: {@link Source#seek} tells how to go on.
 */
public final class PositionLostException extends IOException {
  private static final long serialVersionUID = 1;

  public PositionLostException(String message) {
    super(message);
  }
}
