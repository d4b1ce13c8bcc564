package io.oplog.server.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a body is packed. */
enum BodyCoding {
  NONE,
  GZIP;

  /** The coding that a {@code Content-Encoding} names; null for any other, or several. */
  static @Nullable BodyCoding of(@Nullable String header) {
    if (header == null || header.strip().equalsIgnoreCase("identity")) {
      return NONE;
    }
    return switch (header.strip().toLowerCase(Locale.ROOT)) {
      case "gzip", "x-gzip" -> GZIP;
      default -> null;
    };
  }
}
