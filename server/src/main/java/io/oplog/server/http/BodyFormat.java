package io.oplog.server.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a body holds operations. */
enum BodyFormat {
  /** One object, or an array of them. */
  JSON,
  /** One object a line. */
  NDJSON;

  /** The format a {@code Content-Type} names; null when it names another one, or a charset. */
  static @Nullable BodyFormat of(@Nullable String contentType) {
    if (contentType == null) {
      return null;
    }
    int end = contentType.indexOf(';');
    if (end >= 0 && !isUtf8(contentType, end)) {
      return null;
    }
    return ofType(end < 0 ? contentType : contentType.substring(0, end).strip());
  }

  private static @Nullable BodyFormat ofType(String type) {
    if (type.equalsIgnoreCase("application/json")) {
      return JSON;
    }
    return type.equalsIgnoreCase("application/x-ndjson") ? NDJSON : null;
  }

  /** Whether the parameters, which start at {@code from}, name no charset but UTF-8. */
  private static boolean isUtf8(String contentType, int from) {
    for (String parameter : contentType.substring(from + 1).split(";", -1)) {
      String stripped = parameter.strip().toLowerCase(Locale.ROOT);
      if (stripped.startsWith("charset=") && !isUtf8Name(stripped.substring("charset=".length()))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUtf8Name(String charset) {
    return switch (charset) {
      case "utf-8", "utf8", "\"utf-8\"", "us-ascii" -> true;
      default -> false;
    };
  }
}
