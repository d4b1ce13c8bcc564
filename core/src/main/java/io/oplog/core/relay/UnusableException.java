package io.oplog.core.relay;

import java.io.IOException;

/** An end of a relay cannot be used as it is: to try again does not help, an operator must act. */
public final class UnusableException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean isDenied;

  /**
   * @param message what is wrong and what to do
   */
  public UnusableException(String message, Throwable cause) {
    this(message, cause, false);
  }

  private UnusableException(String message, Throwable cause, boolean isDenied) {
    super(message, cause);
    this.isDenied = isDenied;
  }

  /** The password is missing or wrong, or its user lacks a right. */
  public static UnusableException denied(String message, Throwable cause) {
    return new UnusableException(message, cause, true);
  }

  /** Whether it is about who we are, or what we may do. */
  public boolean isDenied() {
    return isDenied;
  }
}
