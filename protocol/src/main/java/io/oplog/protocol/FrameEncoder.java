package io.oplog.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes operations as frames, back to back, in the layout of {@link Frame} and with ids of zeros.
 * Thread-confined, reusable.
 */
public final class FrameEncoder {
  private static final int START_BYTES = 4096;
  private static final int START_FRAMES = 16;
  private static final int MOST_PER_JSON_BYTE = 4;
  private static final int MAX_KEPT_BYTES = 1 << 20;

  private static final byte[] HEAD =
      ascii(
          "id: 000000000000000000000000\nevent: insert\ndata: {\"timestamp\":\""
              + "0000-00-00T00:00:00.000Z\",\"parents\":[");
  private static final byte[] TYPE = ascii("],\"type\":\"");
  private static final byte[] ID = ascii("\",\"id\":\"");
  private static final byte[] END = ascii("\"}\n\n");
  private static final int FIXED_BYTES = HEAD.length + TYPE.length + ID.length + END.length;

  private byte[] bytes = new byte[START_BYTES];
  private int[] ends = new int[START_FRAMES];
  private int count;
  private int size;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Makes room for the frames of so many bytes of JSON. They never take more than {@value
   * #MOST_PER_JSON_BYTE} times as much, so that no array is grown and copied.
   */
  public void expect(int jsonBytes) {
    ensure((long) MOST_PER_JSON_BYTE * jsonBytes - size);
  }

  /** Appends the frame of an operation. */
  public void add(Operation operation) {
    ensure(mostBytes(operation));
    int start = size;
    putLiteral(HEAD);
    Frame.putKind(bytes, start, operation.kind());
    Rfc3339.put(bytes, start + Frame.TIMESTAMP, operation.timestampMillis());
    putParents(operation.parents());
    putLiteral(TYPE);
    size = JsonText.put(bytes, size, operation.type());
    putLiteral(ID);
    size = JsonText.put(bytes, size, operation.id());
    putLiteral(END);
    endFrame();
  }

  private void putParents(List<String> parents) {
    for (int i = 0; i < parents.size(); i++) {
      if (i > 0) {
        bytes[size++] = ',';
      }
      bytes[size++] = '"';
      size = JsonText.put(bytes, size, parents.get(i));
      bytes[size++] = '"';
    }
  }

  private void putLiteral(byte[] literal) {
    System.arraycopy(literal, 0, bytes, size, literal.length);
    size += literal.length;
  }

  private void endFrame() {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    ends[count++] = size;
  }

  private static long mostBytes(Operation operation) {
    long chars = (long) operation.type().length() + operation.id().length();
    List<String> parents = operation.parents();
    for (int i = 0; i < parents.size(); i++) {
      chars += parents.get(i).length() + 1; // one more stands for quotes and comma
    }
    return FIXED_BYTES + chars * JsonText.MAX_BYTES_PER_CHAR;
  }

  private void ensure(long more) {
    long needed = size + more;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(needed, grown())));
    }
  }

  private long grown() {
    return Math.min(2L * bytes.length, Integer.MAX_VALUE - 8);
  }

  /** How many frames were added since the last {@link #take} or {@link #clear}. */
  public int count() {
    return count;
  }

  /** How many bytes they have. */
  public int length() {
    return size;
  }

  /**
   * Hands over the frames, and starts anew. An array too long to be kept for the next frames is not
   * copied when they fill most of it.
   */
  public Frames take() {
    Frames frames = count == 0 ? Frames.NONE : new Frames(takeBytes(), Arrays.copyOf(ends, count));
    clear();
    return frames;
  }

  private byte[] takeBytes() {
    boolean given = bytes.length > MAX_KEPT_BYTES && size > bytes.length / 3 * 2;
    return given ? bytes : Arrays.copyOf(bytes, size);
  }

  /** Forgets the frames, and starts anew. */
  public void clear() {
    count = 0;
    size = 0;
    if (bytes.length > MAX_KEPT_BYTES) {
      bytes = new byte[START_BYTES];
      ends = new int[START_FRAMES];
    }
  }
}
