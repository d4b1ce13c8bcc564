package io.oplog.core.relay;

import java.io.IOException;

/** An end of a relay cannot be used as it is: to try again does not help, an operator must act. */
public final class UnusableException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param message what is wrong and what to do
   */
  public UnusableException(String message, Throwable cause) {
    super(message, cause);
  }
}
