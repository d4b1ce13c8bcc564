package io.oplog.core.store;

import io.oplog.protocol.Frames;
import java.util.Arrays;

/** Collects frames into one array up to a number of bytes; always takes one. */
public final class PageBuilder {
  private static final int START_BYTES = 64 * 1024;

  private final int maxBytes;
  private byte[] bytes;
  private int[] ends = new int[64];
  private int count;
  private int length;

  public PageBuilder(int maxBytes) {
    this.maxBytes = maxBytes;
    this.bytes = new byte[Math.min(maxBytes, START_BYTES)];
  }

  /** Whether a frame of this length still belongs on the page. */
  public boolean fits(int frameLength) {
    return count == 0 || (long) length + frameLength <= maxBytes;
  }

  /** The array to put the next frame into, at {@link #length}, after {@link #ensure}. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  /** Makes room for more bytes after {@link #length}. */
  public void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, growth()));
    }
  }

  private int growth() {
    return (int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 8);
  }

  /** Counts the frame that was put at {@link #length}. */
  public void added(int frameLength) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, 2 * count);
    }
    length += frameLength;
    ends[count++] = length;
  }

  public void add(byte[] from, int start, int end) {
    ensure(end - start);
    System.arraycopy(from, start, bytes, length, end - start);
    added(end - start);
  }

  /** The page; the array is not copied unless most of it is empty. */
  public Frames take() {
    if (count == 0) {
      return Frames.NONE;
    }
    byte[] kept = length < bytes.length / 2 ? Arrays.copyOf(bytes, length) : bytes;
    return new Frames(kept, Arrays.copyOf(ends, count));
  }
}
