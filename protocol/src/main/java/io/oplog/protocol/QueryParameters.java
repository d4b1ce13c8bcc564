package io.oplog.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A query, decoded as a form is: {@code +} is a space, {@code %} escapes are UTF-8, and so are
 * bytes that are sent raw. Immutable.
 */
public final class QueryParameters {
  private final Map<String, List<String>> values = new LinkedHashMap<>();

  private QueryParameters() {}

  /**
   * Reads a query.
   *
   * @param rawQuery what follows the question mark, may be empty. A character up to U+00FF stands
   *     for one byte of the request line, as HTTP servers hand it over (ISO 8859-1); any other one
   *     for its UTF-8
   * @throws IllegalArgumentException when a {@code %} is not followed by two hex digits, or the
   *     bytes are not UTF-8
   */
  public static QueryParameters parse(String rawQuery) {
    QueryParameters parameters = new QueryParameters();
    for (String pair : rawQuery.split("&", -1)) {
      parameters.add(pair);
    }
    return parameters;
  }

  private void add(String pair) {
    int equals = pair.indexOf('=');
    String name = decode(equals < 0 ? pair : pair.substring(0, equals));
    if (!pair.isEmpty()) {
      values
          .computeIfAbsent(name, n -> new ArrayList<>())
          .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
    }
  }

  /** All values of a parameter, in their order; empty when it is not given. */
  public List<String> all(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }

  /** The first value of a parameter, or null when it is not given. */
  public @Nullable String first(String name) {
    List<String> all = values.get(name);
    return all == null ? null : all.get(0);
  }

  private static String decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        bytes.write(escaped(text, i));
        i += 2;
      } else {
        writeRaw(bytes, c == '+' ? ' ' : c);
      }
    }
    return utf8(bytes.toByteArray(), text);
  }

  private static void writeRaw(ByteArrayOutputStream bytes, char c) {
    if (c <= 0xff) {
      bytes.write(c);
    } else {
      bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static int escaped(String text, int percent) {
    int high = hexDigit(text, percent + 1);
    int low = hexDigit(text, percent + 2);
    if (high < 0 || low < 0) {
      throw new IllegalArgumentException(
          "a % in the query is not followed by two hex digits: " + Quoted.of(text));
    }
    return high << 4 | low;
  }

  private static int hexDigit(String text, int at) {
    boolean ascii = at < text.length() && text.charAt(at) < 0x80;
    return ascii ? Character.digit(text.charAt(at), 16) : -1;
  }

  private static String utf8(byte[] bytes, String text) {
    if (Utf8.invalidAt(bytes, 0, bytes.length) >= 0) {
      throw new IllegalArgumentException("the query is not valid UTF-8: " + Quoted.of(text));
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
