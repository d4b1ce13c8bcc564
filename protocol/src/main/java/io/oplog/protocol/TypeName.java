package io.oplog.protocol;

import java.util.Locale;

/** The rules of an object's type. */
final class TypeName {
  private TypeName() {}

  /** The type in lower case; the same string when it was. */
  static String lowerCase(String type) {
    for (int i = 0; i < type.length(); i++) {
      char c = type.charAt(i);
      if (c >= 0x80 || (c >= 'A' && c <= 'Z')) {
        return type.toLowerCase(Locale.ROOT);
      }
    }
    return type;
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
