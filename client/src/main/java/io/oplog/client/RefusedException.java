package io.oplog.client;

import java.io.IOException;
import java.util.OptionalLong;

/** The server answered, and trying again would not change its answer. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final int status;
  private final long line;

  RefusedException(Reason reason, int status, long line, String message) {
    super(message);
    this.reason = reason;
    this.status = status;
    this.line = line;
  }

  /** Why the server refused. */
  public enum Reason {
    /** There must be a password, and none was sent. */
    NO_PASSWORD,
    /** The password is another one. */
    UNAUTHORIZED,
    /** What was sent is not valid: an operation, a filter, a last event id. */
    INVALID,
    /** The source's stored position is another one than was said. */
    SOURCE_CONFLICT,
    /** More bytes than the server takes at once. */
    TOO_LARGE,
    /** The address leads to something that is not an oplog server. */
    NOT_OPLOG
  }

  public Reason reason() {
    return reason;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The bad line of the body that was sent, counted from 1, where the server named it. */
  public OptionalLong line() {
    return line > 0 ? OptionalLong.of(line) : OptionalLong.empty();
  }
}
