package io.oplog.protocol;

/** Comparison that folds the letters A to Z only: no dotless i, no long s, no Kelvin sign. */
final class Ascii {
  private Ascii() {}

  /** Whether a text is a lower-case word, but for the case of its ASCII letters. */
  static boolean equalsIgnoreCase(String text, String lowerCase) {
    if (text.length() != lowerCase.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (toLower(text.charAt(i)) != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int toLower(char c) {
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  }
}
