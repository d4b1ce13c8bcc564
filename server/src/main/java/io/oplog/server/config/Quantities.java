package io.oplog.server.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations and sizes as people write them: {@code 25s}, {@code 7d}, {@code 10GB}, {@code 8MiB}.
 */
public final class Quantities {
  private static final Pattern QUANTITY =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,6})?)\\s*([a-z]*)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Map<String, Long> BYTES =
      Map.of(
          "",
          1L,
          "b",
          1L,
          "kb",
          1000L,
          "mb",
          1_000_000L,
          "gb",
          1_000_000_000L,
          "tb",
          1_000_000_000_000L,
          "kib",
          1L << 10,
          "mib",
          1L << 20,
          "gib",
          1L << 30,
          "tib",
          1L << 40);

  private Quantities() {}

  /**
   * Reads a duration: a number with {@code ms}, {@code s}, {@code m}, {@code h} or {@code d}, or
   * {@code 0}.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static Duration duration(String text) {
    return text.strip().equals("0") ? Duration.ZERO : Duration.ofMillis(read(text, MILLIS, "25s"));
  }

  /**
   * Reads a size in bytes: a number, alone or with {@code KB}, {@code MB}, {@code GB}, {@code TB}
   * (thousands) or {@code KiB}, {@code MiB}, {@code GiB}, {@code TiB} (1,024s).
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static long bytes(String text) {
    return read(text, BYTES, "8MiB");
  }

  /** Whether the text has a unit of time. */
  static boolean isDuration(String text) {
    Matcher quantity = QUANTITY.matcher(normal(text));
    return quantity.matches() && MILLIS.containsKey(quantity.group(2));
  }

  /** Whether the text has a unit of size. */
  static boolean isSizeWithUnit(String text) {
    Matcher quantity = QUANTITY.matcher(normal(text));
    return quantity.matches()
        && !quantity.group(2).isEmpty()
        && BYTES.containsKey(quantity.group(2));
  }

  private static long read(String text, Map<String, Long> units, String example) {
    Matcher quantity = QUANTITY.matcher(normal(text));
    Long unit = quantity.matches() ? units.get(quantity.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException("'" + text + "' is not like " + example);
    }
    BigDecimal value = new BigDecimal(quantity.group(1)).multiply(BigDecimal.valueOf(unit));
    if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("'" + text + "' is too much");
    }
    return value.longValue();
  }

  private static String normal(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }
}
