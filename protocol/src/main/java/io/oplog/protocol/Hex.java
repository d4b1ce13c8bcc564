package io.oplog.protocol;

/** Lower-case hexadecimal numbers of fixed width, in place. */
final class Hex {
  private static final byte[] DIGITS = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private Hex() {}

  /** Writes the lowest {@code width} digits of {@code value}. */
  static void put(byte[] bytes, int offset, int width, long value) {
    long rest = value;
    for (int i = offset + width - 1; i >= offset; i--) {
      bytes[i] = DIGITS[(int) (rest & 0xf)];
      rest >>>= 4;
    }
  }

  /** Reads digits that {@link #put} wrote; anything else gives an unspecified number. */
  static long get(byte[] bytes, int offset, int width) {
    long value = 0;
    for (int i = offset; i < offset + width; i++) {
      int c = bytes[i];
      value = value << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
  }
}
