package io.oplog.protocol;

import java.nio.charset.StandardCharsets;

/** A stranger's text as it may stand in a message: short, in quotes, without control characters. */
public final class Quoted {
  private static final int MAX_CHARS = 60;

  private Quoted() {}

  /** The text in quotes, cut after 60 characters. */
  public static String of(String text) {
    String start = text.length() > MAX_CHARS ? text.substring(0, MAX_CHARS) + "…" : text;
    return '"' + printable(start) + '"';
  }

  /** The start of UTF-8 text. */
  static String start(byte[] bytes, int from, int to) {
    int enough = Math.min(to - from, (MAX_CHARS + 1) * Utf8.MAX_BYTES);
    return of(new String(bytes, from, enough, StandardCharsets.UTF_8));
  }

  /** The text with control characters, line separators and lone surrogates as {@code ?}. */
  public static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    int codePoint;
    for (int i = 0; i < text.length(); i += Character.charCount(codePoint)) {
      codePoint = text.codePointAt(i);
      printable.appendCodePoint(printable(codePoint));
    }
    return printable.toString();
  }

  private static int printable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          '?';
      default -> codePoint;
    };
  }
}
