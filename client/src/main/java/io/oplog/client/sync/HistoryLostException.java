package io.oplog.client.sync;

/** The log does not hold any more what came after a position. */
public final class HistoryLostException extends TryAgainException {
  private static final long serialVersionUID = 1L;

  /** The log said {@code reset} in place of what came after a position. */
  public HistoryLostException(String reason) {
    super("the log no longer holds what is to be followed (" + reason + "); run again");
  }
}
