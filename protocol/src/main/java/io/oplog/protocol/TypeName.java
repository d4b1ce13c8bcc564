package io.oplog.protocol;

/** The rules of an object's type. Safe from any thread. */
public final class TypeName {
  private TypeName() {}

  /**
   * The type in lower case, each code point by itself; the same string when it was. Not {@link
   * String#toLowerCase}: that looks around each sigma, so that a long type of these costs a minute,
   * and the original lower-cased by code point as well.
   */
  public static String lowerCase(String type) {
    for (int i = 0; i < type.length(); i++) {
      char c = type.charAt(i);
      if (c >= 0x80 || (c >= 'A' && c <= 'Z')) {
        return lowerCaseFrom(type, i);
      }
    }
    return type;
  }

  private static String lowerCaseFrom(String type, int from) {
    StringBuilder lower = new StringBuilder(type.length()).append(type, 0, from);
    int codePoint;
    for (int i = from; i < type.length(); i += Character.charCount(codePoint)) {
      codePoint = type.codePointAt(i);
      lower.appendCodePoint(Character.toLowerCase(codePoint));
    }
    return lower.toString();
  }

  /** Whether all characters may stand in a type. */
  static boolean isAllowed(String type) {
    for (int i = 0; i < type.length(); i++) {
      char c = type.charAt(i);
      if (c == '/' || c == ',' || Character.isISOControl(c)) {
        return false;
      }
    }
    return true;
  }
}
