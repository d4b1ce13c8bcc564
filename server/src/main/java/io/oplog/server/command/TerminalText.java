package io.oplog.server.command;

import java.util.function.IntPredicate;

/** Text from elsewhere, as it may be shown to people: without characters that terminals obey. */
final class TerminalText {
  private TerminalText() {}

  /**
   * One line; every character that commands, line ends included, stands as {@code \\u} and digits.
   */
  static String plain(String text) {
    return escaped(text, TerminalText::commands);
  }

  /**
   * Valid JSON that means the same: within strings {@code \\u} and digits are what they stand for,
   * and outside of them no such character can be.
   */
  static String json(String json) {
    return escaped(json, c -> c > ' ' && commands(c));
  }

  /** Control characters, line separators, and what turns the direction of writing around. */
  private static boolean commands(int c) {
    return Character.isISOControl(c)
        || c == 0x2028
        || c == 0x2029
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
  }

  private static String escaped(String text, IntPredicate escape) {
    if (text.chars().noneMatch(escape)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder();
    text.chars()
        .forEach(c -> {
          if (escape.test(c)) {
            escaped.append(String.format("\\u%04x", c));
          } else {
            escaped.append((char) c);
          }
        });
    return escaped.toString();
  }
}
