package io.oplog.client.sync;

/** The dump has no object, which was not said to be right. */
public final class EmptyDumpException extends DumpException {
  private static final long serialVersionUID = 1L;

  EmptyDumpException(String message) {
    super(message);
  }
}
