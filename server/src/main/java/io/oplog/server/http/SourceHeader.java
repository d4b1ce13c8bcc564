package io.oplog.server.http;

import io.oplog.core.store.SourceMove;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The header {@code Oplog-Source: NAME; from=P; to=Q}. Name and positions are opaque: any visible
 * ASCII characters but {@code ;} and {@code ,}, at most {@value #MAX_TOKEN} each.
 */
final class SourceHeader {
  static final String NAME = "Oplog-Source";
  static final int MAX_TOKEN = 1024;

  private SourceHeader() {}

  /**
   * Reads the value of the header.
   *
   * @throws IllegalArgumentException when it is malformed, with a message for the producer
   */
  static SourceMove parse(String value) {
    String[] parts = value.split(";", -1);
    String source = token("the name", parts[0]);
    String from = null;
    String to = null;
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      String name = equals < 0 ? "" : parts[i].substring(0, equals).strip();
      switch (name.toLowerCase(Locale.ROOT)) {
        case "from" -> from = once("from", from, parts[i].substring(equals + 1));
        case "to" -> to = once("to", to, parts[i].substring(equals + 1));
        default -> throw malformed("only from= and to= may follow the name");
      }
    }
    if (to == null) {
      throw malformed("to= is missing");
    }
    return new SourceMove(source, from, to);
  }

  /** The value that tells a producer where its source stands. */
  static String format(String source, @Nullable String stored) {
    return stored == null ? source : source + "; to=" + stored;
  }

  private static String once(String name, @Nullable String before, String value) {
    if (before != null) {
      throw malformed(name + "= is given twice");
    }
    return token(name + "=", value);
  }

  private static String token(String what, String text) {
    String token = text.strip();
    if (token.isEmpty() || token.length() > MAX_TOKEN) {
      throw malformed(what + " must have 1 to " + MAX_TOKEN + " characters");
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ',')) {
      throw malformed(what + " must be visible ASCII without ';' and ','");
    }
    return token;
  }

  private static IllegalArgumentException malformed(String reason) {
    return new IllegalArgumentException(NAME + ": " + reason);
  }
}
