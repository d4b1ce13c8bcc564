package io.oplog.server.command;

/**
 * What the command ends with; the numbers are those of BSD's sysexits where it has one. Listed in
 * {@link Oplog}.
 */
final class ExitCode {
  static final int OK = 0;
  static final int FAILURE = 1;
  static final int USAGE = 2;

  /** A limit that the operator set stopped it. */
  static final int LIMIT = 4;

  /** The input is not what it should be. */
  static final int DATA = 65;

  /** The input file is missing or cannot be read. */
  static final int NO_INPUT = 66;

  /**
   * The server does not answer; or it cannot start because its database does not, or its port or
   * its data is taken.
   */
  static final int UNAVAILABLE = 69;

  /** A defect of this program. */
  static final int INTERNAL = 70;

  /** The disk fails, or the store is damaged. */
  static final int STORE = 74;

  /** It may be tried again. */
  static final int TRY_AGAIN = 75;

  /** The password is missing or wrong, or its user lacks a right. */
  static final int PASSWORD = 77;

  static final int CONFIGURATION = 78;

  private ExitCode() {}
}
