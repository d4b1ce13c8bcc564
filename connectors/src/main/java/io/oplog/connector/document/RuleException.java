package io.oplog.connector.document;

/** Rules that cannot be used. */
public final class RuleException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param line counted from 1
   */
  RuleException(int line, String reason) {
    super("line " + line + ": " + reason);
  }
}
