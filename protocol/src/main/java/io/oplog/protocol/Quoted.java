package io.oplog.protocol;

/** A producer's text as it may stand in a message: short, in quotes, without control characters. */
final class Quoted {
  private static final int MAX_CHARS = 60;

  private Quoted() {}

  static String of(String text) {
    String start = text.length() > MAX_CHARS ? text.substring(0, MAX_CHARS) + "…" : text;
    return '"' + printable(start) + '"';
  }

  /** The text with control characters, line separators and lone surrogates as {@code ?}. */
  static String printable(String text) {
    return text.codePoints()
        .map(Quoted::printable)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
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
