package io.oplog.client;

import java.util.Arrays;

/**
 * Whole lines of a file that are sent together.
 *
 * @param bytes the lines, each with its end
 * @param firstLine number of the first one, counted from 1
 * @param lines how many, blank ones included
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not shared
record LineBatch(byte[] bytes, long firstLine, long lines) {

  long lastLine() {
    return firstLine + lines - 1;
  }

  /** The lines after a line of this batch, or before its first one. */
  LineBatch after(long line) {
    return line < firstLine ? this : slice(offsetAfter(line), bytes.length, line + 1, lastLine());
  }

  /** The lines before a line of this batch. */
  LineBatch before(long line) {
    return slice(0, offsetAfter(line - 1), firstLine, line - 1);
  }

  private LineBatch slice(int from, int to, long first, long last) {
    return new LineBatch(Arrays.copyOfRange(bytes, from, to), first, last - first + 1);
  }

  private int offsetAfter(long line) {
    int offset = 0;
    for (long passed = firstLine; passed <= line && offset < bytes.length; offset++) {
      if (bytes[offset] == '\n') {
        passed++;
      }
    }
    return offset;
  }
}
