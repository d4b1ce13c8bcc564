package io.oplog.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of lines into batches. Waits for one whole line, then takes the others that are
 * there, so that the lines of a slow pipe do not wait for each other. Thread-confined.
 */
final class LineBatches {
  private final InputStream in;
  private final long maxLines;
  private final byte[] buffer;
  private int filled;
  private boolean hasLine;
  private boolean ended;
  private @Nullable IOException failure;
  private long nextLine = 1;

  /**
   * Reads from {@code in}, which the caller closes.
   *
   * @param maxLines lines of a batch
   * @param maxBytes bytes of a batch, and so of a line
   */
  LineBatches(InputStream in, long maxLines, int maxBytes) {
    this.in = in;
    this.maxLines = maxLines;
    this.buffer = new byte[maxBytes];
  }

  /**
   * Reads the next batch.
   *
   * @return null at the end
   * @throws BrokenLineException when a line is more than a batch holds
   * @throws BrokenInputException when the input fails, and all whole lines before were returned
   */
  @Nullable LineBatch next() throws IOException {
    while (!ended && filled < buffer.length && (!hasLine || in.available() > 0)) {
      read();
    }
    if (failure != null && !hasLine) {
      throw new BrokenInputException(nextLine - 1, failure);
    }
    if (filled == 0) {
      return null;
    }
    if (!hasLine && !ended) {
      throw new BrokenLineException(nextLine, "longer than " + buffer.length + " bytes");
    }
    return take();
  }

  /** Whether {@link #next} would answer without waiting long. */
  boolean ready() throws IOException {
    return ended || hasLine || in.available() > 0;
  }

  private void read() {
    int count = readQuietly();
    ended = count < 0;
    int before = filled;
    filled += Math.max(count, 0);
    hasLine |= lineEnd(before) >= 0;
  }

  /** A failure ends the input; it is told when what was read before it has been taken. */
  private int readQuietly() {
    try {
      return in.read(buffer, filled, buffer.length - filled);
    } catch (IOException e) {
      failure = e;
      return -1;
    }
  }

  /** The offset after the line that {@code from} lies in; -1 when its end is not there. */
  private int lineEnd(int from) {
    for (int i = from; i < filled; i++) {
      if (buffer[i] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private LineBatch take() {
    int length = 0;
    long lines = 0;
    int lineEnd = lineEnd(0);
    while (lineEnd >= 0 && lines < maxLines) {
      length = lineEnd;
      lines++;
      lineEnd = lineEnd(length);
    }
    boolean whole = ended && failure == null;
    boolean rest = whole && length < filled && lines < maxLines; // a last line without an end
    return cut(rest ? filled : length, rest ? lines + 1 : lines);
  }

  private LineBatch cut(int length, long lines) {
    LineBatch batch = new LineBatch(Arrays.copyOf(buffer, length), nextLine, lines);
    System.arraycopy(buffer, length, buffer, 0, filled - length);
    filled -= length;
    hasLine = lineEnd(0) >= 0;
    nextLine += lines;
    return batch;
  }
}
