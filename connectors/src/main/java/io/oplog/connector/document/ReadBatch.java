package io.oplog.connector.document;

/** A batch of a source, of which some changes may wait. One thread. */
final class ReadBatch {
  private final String to;
  private int waiting;

  /**
   * @param to the position after it
   */
  ReadBatch(String to) {
    this.to = to;
  }

  String to() {
    return to;
  }

  void waits() {
    waiting++;
  }

  void isHandedOut() {
    waiting--;
  }

  boolean isOver() {
    return waiting == 0;
  }
}
