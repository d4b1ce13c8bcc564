package io.oplog.protocol;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A type, a parent or an object as its bytes stand in a frame, JSON escapes included: a key for
 * hash maps. The escaping is canonical, so equal texts have equal bytes.
 *
 * <p>A key of {@link #of} is immutable. One of {@link #probe} is thread-confined and looks at other
 * bytes at each {@link #reset}: use it to look up, never to put in.
 */
public final class FrameKey implements Comparable<FrameKey> {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

  private byte[] bytes;
  private int from;
  private int to;
  private int hash;

  private FrameKey(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.hash = hash(bytes, from, to);
  }

  /** The key of a plain text, such as a filter's item. */
  public static FrameKey of(String text) {
    byte[] raw = JsonText.escape(text);
    return new FrameKey(raw, 0, raw.length);
  }

  /** A key with a copy of bytes that stand in a frame. */
  public static FrameKey of(byte[] bytes, int from, int to) {
    return owned(Arrays.copyOfRange(bytes, from, to));
  }

  static FrameKey owned(byte[] raw) {
    return new FrameKey(raw, 0, raw.length);
  }

  /** A key that can be pointed at bytes; it begins as the empty key. */
  public static FrameKey probe() {
    return new FrameKey(new byte[0], 0, 0);
  }

  /** Points a probe at bytes, which must stay as they are while it is used. */
  @CanIgnoreReturnValue
  public FrameKey reset(byte[] newBytes, int newFrom, int newTo) {
    bytes = newBytes;
    from = newFrom;
    to = newTo;
    hash = hash(newBytes, newFrom, newTo);
    return this;
  }

  /** How many raw bytes. */
  public int length() {
    return to - from;
  }

  boolean isAt(byte[] others, int otherFrom, int otherTo) {
    return Arrays.equals(bytes, from, to, others, otherFrom, otherTo);
  }

  static int hash(byte[] bytes, int from, int to) {
    long h = (long) to - from;
    int at = from;
    for (; at + 8 <= to; at += 8) {
      h = mix(h ^ (long) LONGS.get(bytes, at));
    }
    for (; at < to; at++) {
      h = h * 31 + bytes[at];
    }
    return (int) mix(h);
  }

  private static long mix(long h) {
    long product = h * MIX;
    return product ^ (product >>> 32);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FrameKey key && hash == key.hash && isAt(key.bytes, key.from, key.to);
  }

  /** By unsigned bytes; it keeps hash maps quick when hashes are made to collide. */
  @Override
  public int compareTo(FrameKey other) {
    return Arrays.compareUnsigned(bytes, from, to, other.bytes, other.from, other.to);
  }

  /** The plain text. */
  @Override
  public String toString() {
    return JsonText.decode(bytes, from, to);
  }
}
