package io.oplog.protocol;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Splits a stream of Server-Sent Events into lines, as the WHATWG's HTML standard says: a line ends
 * in LF, CR or CRLF, wherever the chunks are cut, and a byte order mark at the start is passed
 * over. Thread-confined; one instance a connection. An event that the stream ends in is dropped.
 */
public final class SseParser {
  /** Bytes of a line and of an event's data, unless told otherwise: 1 MiB and 4 MiB. */
  public static final int DEFAULT_MAX_LINE_BYTES = 1 << 20;

  public static final int DEFAULT_MAX_EVENT_BYTES = 4 << 20;

  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final int maxLineBytes;
  private final SseFields fields;

  /** The start of a line whose end has not come. */
  private byte[] partial = new byte[1024];

  private int partialSize;
  private boolean lfEndsCr;
  private boolean first = true;

  public SseParser() {
    this(DEFAULT_MAX_LINE_BYTES, DEFAULT_MAX_EVENT_BYTES);
  }

  /**
   * Makes a parser with limits.
   *
   * @param maxLineBytes the longest line, without its end
   * @param maxEventBytes the longest data of an event
   */
  public SseParser(int maxLineBytes, int maxEventBytes) {
    this.maxLineBytes = maxLineBytes;
    this.fields = new SseFields(maxEventBytes);
  }

  /** The id to resume from, if the stream ended now; empty when there was none. */
  public String lastEventId() {
    return fields.lastEventId();
  }

  /**
   * Reads a chunk. The listener is called for all that ends in it.
   *
   * @throws SseException when a limit is passed; the parser is of no use then
   */
  public void feed(byte[] bytes, int from, int to, SseListener listener) throws SseException {
    int start = lfEndsCr && from < to && bytes[from] == '\n' ? from + 1 : from;
    lfEndsCr = lfEndsCr && from == to;
    int at = start;
    while (at < to) {
      byte b = bytes[at];
      if (b != '\n' && b != '\r') {
        at++;
        continue;
      }
      endLine(bytes, start, at, listener);
      at++;
      if (b == '\r') {
        lfEndsCr = at == to;
        at += at < to && bytes[at] == '\n' ? 1 : 0;
      }
      start = at;
    }
    keep(bytes, start, to);
  }

  /** As {@link #feed(byte[], int, int, SseListener)}, of what remains in the buffer. */
  public void feed(ByteBuffer buffer, SseListener listener) throws SseException {
    if (buffer.hasArray()) {
      int from = buffer.arrayOffset() + buffer.position();
      int to = from + buffer.remaining();
      buffer.position(buffer.limit());
      feed(buffer.array(), from, to, listener);
    } else {
      byte[] copy = new byte[buffer.remaining()];
      buffer.get(copy);
      feed(copy, 0, copy.length, listener);
    }
  }

  private void endLine(byte[] bytes, int from, int to, SseListener listener) throws SseException {
    if (partialSize == 0) {
      requireLine(to - from);
      line(bytes, from, to, listener);
    } else {
      keep(bytes, from, to);
      int size = partialSize;
      partialSize = 0;
      line(partial, 0, size, listener);
    }
  }

  private void line(byte[] bytes, int from, int to, SseListener listener) throws SseException {
    boolean marked = first && startsWithMark(bytes, from, to);
    first = false;
    fields.line(bytes, marked ? from + MARK.length : from, to, listener);
  }

  private static boolean startsWithMark(byte[] bytes, int from, int to) {
    return to - from >= MARK.length
        && Arrays.equals(bytes, from, from + MARK.length, MARK, 0, MARK.length);
  }

  private void keep(byte[] bytes, int from, int to) throws SseException {
    int size = partialSize + (to - from);
    requireLine(size);
    if (size > partial.length) {
      partial = Arrays.copyOf(partial, Math.max(size, 2 * partial.length));
    }
    System.arraycopy(bytes, from, partial, partialSize, to - from);
    partialSize = size;
  }

  private void requireLine(int size) throws SseException {
    if (size > maxLineBytes || size < 0) {
      throw new SseException("maxLineBytes", maxLineBytes);
    }
  }
}
