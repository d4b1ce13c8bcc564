package io.oplog.client;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.ZipException;

/**
 * The input could not be read to its end, as when a packed file was cut. Every whole line that was
 * read before was sent. The message names the last one and the reason.
 */
public final class BrokenInputException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long lastLine;

  BrokenInputException(long lastLine, IOException cause) {
    super("after line " + lastLine + ": " + reason(cause), cause);
    this.lastLine = lastLine;
  }

  private static String reason(IOException cause) {
    if (cause instanceof EOFException) {
      return "ends unexpectedly";
    }
    String what = cause instanceof ZipException ? "is damaged" : "cannot be read";
    return what + " (" + Backoff.reason(cause) + ")";
  }

  /** The last whole line, counted from 1; 0 is none. */
  public long lastLine() {
    return lastLine;
  }
}
