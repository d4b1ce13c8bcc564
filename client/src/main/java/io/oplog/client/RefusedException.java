package io.oplog.client;

import java.io.IOException;
import java.util.OptionalLong;

/** The server answered, and trying again would not change its answer. */
public final class RefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final int status;
  private final Access access;
  private final long line;
  private final String detail;

  RefusedException(
      Reason reason, Access access, int status, long line, String detail, String message) {
    super(message);
    this.reason = reason;
    this.access = access;
    this.status = status;
    this.line = line;
    this.detail = detail;
  }

  RefusedException(Reason reason, Access access, int status, String message) {
    this(reason, access, status, 0, message, message);
  }

  /**
   * For a log that refuses one operation of several.
   *
   * @param line where it stands, counted from 1
   * @param detail what is wrong with it
   */
  public static RefusedException ofLine(long line, String detail) {
    return new RefusedException(
        Reason.INVALID, Access.INGEST, 400, line, detail, "line " + line + ": " + detail);
  }

  /** What was asked for; stream and ingest have a password each. */
  public enum Access {
    STREAM,
    INGEST,
    STATUS
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
    /** More bytes than the server takes at once, or a filter that is too long. */
    TOO_LARGE,
    /** The address leads to something that is not an oplog server. */
    NOT_OPLOG
  }

  public Reason reason() {
    return reason;
  }

  public Access access() {
    return access;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** The bad line of the body that was sent, counted from 1, where the server named it. */
  public OptionalLong line() {
    return line > 0 ? OptionalLong.of(line) : OptionalLong.empty();
  }

  /** What the server said is wrong, without the line. */
  public String detail() {
    return detail;
  }
}
