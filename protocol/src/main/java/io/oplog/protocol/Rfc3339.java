package io.oplog.protocol;

import java.nio.charset.StandardCharsets;

/**
 * Timestamps as Go's {@code encoding/json} reads RFC 3339: upper-case {@code T} and {@code Z}, any
 * number of decimals, no second 60. Kept to the millisecond, the rest cut off; written in UTC with
 * three decimals. Years 0000 to 9999 of the proleptic Gregorian calendar.
 */
public final class Rfc3339 {
  /** Characters of a written timestamp. */
  static final int LENGTH = "2014-11-06T11:04:39.041Z".length();

  /** The first and the last instant that can be written, in milliseconds since the epoch. */
  public static final long MIN_MILLIS = -62_167_219_200_000L;

  public static final long MAX_MILLIS = 253_402_300_799_999L;

  /** What {@link #parseOrInvalid} gives for anything that is not a timestamp. */
  static final long INVALID = Long.MIN_VALUE;

  private static final long DAY_MILLIS = 86_400_000;
  private static final int DAYS_OF_400_YEARS = 146_097;
  private static final int DAYS_TO_EPOCH = 719_468; // since 0000-03-01

  private Rfc3339() {}

  /**
   * Reads a timestamp.
   *
   * @return milliseconds since the epoch
   * @throws IllegalArgumentException when the text is no timestamp, or its instant lies outside the
   *     years 0000 to 9999 in UTC
   */
  public static long parse(String text) {
    long millis = parseOrInvalid(text);
    if (millis == INVALID) {
      throw new IllegalArgumentException(
          "a timestamp is RFC 3339 with upper-case T and Z, in the years 0000 to 9999 of UTC: "
              + Quoted.of(text));
    }
    return millis;
  }

  /** As {@link #parse}, but without an exception. */
  static long parseOrInvalid(String text) {
    return new Rfc3339Scanner(text).millis();
  }

  /**
   * Writes a timestamp, such as {@code 2014-11-06T11:04:39.041Z}.
   *
   * @throws IllegalArgumentException outside the years 0000 to 9999
   */
  public static String format(long millis) {
    if (millis < MIN_MILLIS || millis > MAX_MILLIS) {
      throw new IllegalArgumentException("not within the years 0000 to 9999: " + millis + " ms");
    }
    byte[] text = new byte[LENGTH];
    put(text, 0, millis);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** Writes the {@link #LENGTH} characters of an instant that is in range. */
  static void put(byte[] bytes, int at, long millis) {
    long days = Math.floorDiv(millis, DAY_MILLIS);
    putDate(bytes, at, (int) days);
    bytes[at + 10] = 'T';
    putTime(bytes, at + 11, (int) (millis - days * DAY_MILLIS));
  }

  /** Days to a civil date: years start in March, so that the leap day is a year's last. */
  private static void putDate(byte[] bytes, int at, int epochDay) {
    int day = epochDay + DAYS_TO_EPOCH;
    int era = Math.floorDiv(day, DAYS_OF_400_YEARS);
    int dayOfEra = day - era * DAYS_OF_400_YEARS;
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int marchMonth = (5 * dayOfYear + 2) / 153;
    int month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    put4(bytes, at, yearOfEra + era * 400 + (month <= 2 ? 1 : 0));
    bytes[at + 4] = '-';
    put2(bytes, at + 5, month);
    bytes[at + 7] = '-';
    put2(bytes, at + 8, dayOfYear - (153 * marchMonth + 2) / 5 + 1);
  }

  private static void putTime(byte[] bytes, int at, int millisOfDay) {
    int seconds = millisOfDay / 1000;
    put2(bytes, at, seconds / 3600);
    bytes[at + 2] = ':';
    put2(bytes, at + 3, seconds / 60 % 60);
    bytes[at + 5] = ':';
    put2(bytes, at + 6, seconds % 60);
    bytes[at + 8] = '.';
    bytes[at + 9] = (byte) ('0' + millisOfDay % 1000 / 100);
    put2(bytes, at + 10, millisOfDay % 100);
    bytes[at + 12] = 'Z';
  }

  private static void put4(byte[] bytes, int at, int value) {
    put2(bytes, at, value / 100);
    put2(bytes, at + 2, value % 100);
  }

  private static void put2(byte[] bytes, int at, int value) {
    bytes[at] = (byte) ('0' + value / 10);
    bytes[at + 1] = (byte) ('0' + value % 10);
  }

  /** The inverse of {@link #putDate}. */
  static long epochDay(int year, int month, int day) {
    int marchYear = month <= 2 ? year - 1 : year;
    int era = Math.floorDiv(marchYear, 400);
    int yearOfEra = marchYear - era * 400;
    int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return (long) era * DAYS_OF_400_YEARS + dayOfEra - DAYS_TO_EPOCH;
  }
}
