package io.oplog.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The one way in which a frame writes a JSON string, so that equal texts have equal bytes: {@code
 * "} and {@code \} and control characters below U+0020 are escaped, by the short form where there
 * is one; U+0085, U+2028 and U+2029 are escaped, because clients that split lines as Python does
 * break on them; all else is raw UTF-8.
 */
final class JsonText {
  /** The most bytes that one {@code char} can become. */
  static final int MAX_BYTES_PER_CHAR = 6;

  /** For each ASCII character 0 when it stands for itself, its short form, or 'u'. */
  private static final byte[] ESCAPES = escapes();

  private JsonText() {}

  private static byte[] escapes() {
    byte[] table = new byte[0x80];
    for (int c = 0; c < 0x20; c++) {
      table[c] = 'u';
    }
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['"'] = '"';
    table['\\'] = '\\';
    return table;
  }

  /**
   * Writes the text, whose surrogates are paired, without quotes.
   *
   * @return the offset after it
   */
  static int put(byte[] bytes, int from, String text) {
    int at = from;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        at = putAscii(bytes, at, c);
      } else if (Character.isHighSurrogate(c)) {
        at = putSupplementary(bytes, at, text.codePointAt(i++));
      } else {
        at = putWide(bytes, at, c);
      }
    }
    return at;
  }

  private static int putAscii(byte[] bytes, int at, char c) {
    byte escape = ESCAPES[c];
    if (escape == 0) {
      bytes[at] = (byte) c;
      return at + 1;
    }
    if (escape == 'u') {
      return putUnicodeEscape(bytes, at, c);
    }
    bytes[at] = '\\';
    bytes[at + 1] = escape;
    return at + 2;
  }

  private static int putUnicodeEscape(byte[] bytes, int at, char c) {
    bytes[at] = '\\';
    bytes[at + 1] = 'u';
    Hex.put(bytes, at + 2, 4, c);
    return at + 6;
  }

  private static int putWide(byte[] bytes, int at, char c) {
    if (c == 0x85 || c == 0x2028 || c == 0x2029) {
      return putUnicodeEscape(bytes, at, c);
    }
    if (c < 0x800) {
      bytes[at] = (byte) (0xc0 | (c >> 6));
      bytes[at + 1] = (byte) (0x80 | (c & 0x3f));
      return at + 2;
    }
    bytes[at] = (byte) (0xe0 | (c >> 12));
    bytes[at + 1] = (byte) (0x80 | ((c >> 6) & 0x3f));
    bytes[at + 2] = (byte) (0x80 | (c & 0x3f));
    return at + 3;
  }

  private static int putSupplementary(byte[] bytes, int at, int c) {
    bytes[at] = (byte) (0xf0 | (c >> 18));
    bytes[at + 1] = (byte) (0x80 | ((c >> 12) & 0x3f));
    bytes[at + 2] = (byte) (0x80 | ((c >> 6) & 0x3f));
    bytes[at + 3] = (byte) (0x80 | (c & 0x3f));
    return at + 4;
  }

  /** The text as a frame writes it, without quotes. */
  static byte[] escape(String text) {
    byte[] bytes = new byte[text.length() * MAX_BYTES_PER_CHAR];
    return Arrays.copyOf(bytes, put(bytes, 0, text));
  }

  /** Offset of the quote that ends the string whose first character is at {@code from}. */
  static int endOf(byte[] bytes, int from) {
    int at = from;
    while (bytes[at] != '"') {
      at += bytes[at] == '\\' ? 2 : 1;
    }
    return at;
  }

  /** Reads what {@link #put} wrote between two offsets. */
  static String decode(byte[] bytes, int from, int to) {
    int escape = indexOfEscape(bytes, from, to);
    return escape == to
        ? new String(bytes, from, to - from, StandardCharsets.UTF_8)
        : new String(unescape(bytes, from, to), StandardCharsets.UTF_8);
  }

  static int indexOfEscape(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != '\\') {
      at++;
    }
    return at;
  }

  /** The UTF-8 of an escaped text; never longer than the escapes. */
  static byte[] unescape(byte[] bytes, int from, int to) {
    byte[] plain = new byte[to - from];
    int size = 0;
    int at = from;
    while (at < to) {
      if (bytes[at] != '\\') {
        plain[size++] = bytes[at++];
      } else if (bytes[at + 1] == 'u') {
        size = putPlain(plain, size, (char) Hex.get(bytes, at + 2, 4));
        at += 6;
      } else {
        plain[size++] = shortForm(bytes[at + 1]);
        at += 2;
      }
    }
    return Arrays.copyOf(plain, size);
  }

  private static int putPlain(byte[] plain, int at, char c) {
    byte[] encoded = String.valueOf(c).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(encoded, 0, plain, at, encoded.length);
    return at + encoded.length;
  }

  private static byte shortForm(byte letter) {
    return switch (letter) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'f' -> '\f';
      default -> letter;
    };
  }
}
