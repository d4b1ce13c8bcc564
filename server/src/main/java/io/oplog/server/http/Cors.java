package io.oplog.server.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which web origins may read answers, or write: ready header lines for each. Immutable. */
final class Cors {
  private static final String EXPOSED =
      "Access-Control-Expose-Headers: Oplog-Event-Id, Oplog-Source, Retry-After\r\n";
  private static final byte[] NONE = {};

  private static final String MAY_READ =
      preflight("GET, HEAD, OPTIONS", "Accept, Authorization, Cache-Control, Last-Event-ID");

  private static final String MAY_WRITE =
      preflight(
          "GET, HEAD, POST, OPTIONS",
          "Accept, Authorization, Cache-Control, Content-Encoding, Content-Type, Last-Event-ID,"
              + " Oplog-Source");

  private static String preflight(String methods, String headers) {
    return "Access-Control-Allow-Methods: %s\r\nAccess-Control-Allow-Headers: %s\r\n"
            .formatted(methods, headers)
        + "Access-Control-Max-Age: 86400\r\n";
  }

  private final boolean any;
  private final Map<String, byte[]> lines = new HashMap<>();
  private final byte[] otherwise;

  /**
   * Allows origins.
   *
   * @param origins such as {@code https://example.org}; {@code *} allows all, none is allowed by an
   *     empty list
   */
  Cors(List<String> origins) {
    any = origins.contains("*");
    for (String origin : origins) {
      lines.put(origin, lines(origin, any ? "" : "Vary: Origin\r\n"));
    }
    otherwise = any ? lines("*", "") : origins.isEmpty() ? NONE : ascii("Vary: Origin\r\n");
  }

  /** Whether answers depend on the request's {@code Origin}. */
  boolean needsOrigin() {
    return !any && !lines.isEmpty();
  }

  /** The header lines for a request from this origin. */
  byte[] linesFor(@Nullable String origin) {
    return origin == null ? otherwise : lines.getOrDefault(origin, otherwise);
  }

  /**
   * What a preflight is told beside the origin. Only a page of an origin that was named may write:
   * where all may read, any page that somebody opens beside this server could.
   */
  String preflightFor(@Nullable String origin) {
    boolean named = origin != null && !origin.equals("*") && lines.containsKey(origin);
    return named ? MAY_WRITE : MAY_READ;
  }

  private static byte[] lines(String origin, String vary) {
    return ascii("Access-Control-Allow-Origin: " + origin + "\r\n" + vary + EXPOSED);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
