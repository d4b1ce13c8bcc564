package io.oplog.protocol;

/** A cursor over the lines of a text that are not blank. Lines end in LF or CRLF. */
final class Lines {
  private final byte[] bytes;
  private final int limit;
  private int next;
  private int start;
  private int end;
  private int number;
  private int count;

  Lines(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.limit = to;
    this.next = from;
    this.start = from;
    this.end = from;
  }

  /** Moves to the next line that is not blank. */
  boolean next() {
    while (next < limit) {
      start = next;
      end = indexOfLf(start);
      next = end + 1;
      number++;
      if (!isBlankFrom(start)) {
        trimCr();
        count++;
        return true;
      }
    }
    return false;
  }

  private int indexOfLf(int from) {
    int at = from;
    while (at < limit && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  private void trimCr() {
    if (bytes[end - 1] == '\r') {
      end--;
    }
  }

  /** Whether nothing but white space follows in this line; false beyond it. */
  boolean isBlankFrom(int from) {
    return from <= end && isBlank(bytes, from, end);
  }

  /** The first byte of the line that is not white space. */
  byte firstByte() {
    int at = start;
    while (isBlank(bytes, at, at + 1)) {
      at++;
    }
    return bytes[at];
  }

  static boolean isBlank(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != '\n') {
        return false;
      }
    }
    return true;
  }

  /** How many lines are not blank. */
  static int count(byte[] bytes, int from, int to) {
    Lines lines = new Lines(bytes, from, to);
    while (lines.next()) {
      // counts
    }
    return lines.count();
  }

  /** How many lines that are not blank were met so far. */
  int count() {
    return count;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Where the whole text ends. */
  int limit() {
    return limit;
  }

  int start() {
    return start;
  }

  /** Where the line ends, its terminator left out. */
  int end() {
    return end;
  }

  /** Counted from 1, blank lines included. */
  int number() {
    return number;
  }

  String place() {
    return "line " + number;
  }
}
