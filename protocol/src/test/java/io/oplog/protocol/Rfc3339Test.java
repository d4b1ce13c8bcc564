package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT);

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z, 1970-01-01T00:00:00.000Z",
    "2014-11-06T03:04:39.041-08:00, 2014-11-06T11:04:39.041Z",
    "2014-11-06T03:04:39.0419999999999999999999-08:00, 2014-11-06T11:04:39.041Z",
    "2014-11-06T03:04:39.9Z, 2014-11-06T03:04:39.900Z",
    "2014-11-06T03:04:39.98Z, 2014-11-06T03:04:39.980Z",
    "1969-12-31T23:59:59.9999Z, 1969-12-31T23:59:59.999Z",
    "2014-11-06T03:04:39+00:00, 2014-11-06T03:04:39.000Z",
    "2014-11-06T03:04:39-00:00, 2014-11-06T03:04:39.000Z",
    "2014-11-06T03:04:39+23:59, 2014-11-05T03:05:39.000Z",
    "2000-02-29T00:00:00Z, 2000-02-29T00:00:00.000Z",
    "2024-02-29T23:30:00-00:30, 2024-03-01T00:00:00.000Z",
    "0000-01-01T00:00:00Z, 0000-01-01T00:00:00.000Z",
    "0000-02-29T12:00:00Z, 0000-02-29T12:00:00.000Z",
    "0000-01-01T01:00:00+01:00, 0000-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z, 9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59.9999999Z, 9999-12-31T23:59:59.999Z",
    "9999-12-31T22:59:59.999-01:00, 9999-12-31T23:59:59.999Z",
  })
  void timestampsAreKeptToTheMillisecondInUtc(String text, String written) {
    assertThat(Rfc3339.format(Rfc3339.parse(text))).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2014",
        "2014-11-06",
        "2014-11-06T03:04:39",
        "2014-11-06T03:04Z",
        "2014-11-06t03:04:39Z",
        "2014-11-06T03:04:39z",
        "2014-11-06 03:04:39Z",
        "2014-11-06T03:04:39.Z",
        "2014-11-06T03:04:39,5Z",
        "2014-11-06T3:04:39Z",
        "2014-11-06T24:00:00Z",
        "2014-11-06T03:60:00Z",
        "2014-12-31T23:59:60Z",
        "2014-11-06T03:04:39+24:00",
        "2014-11-06T03:04:39+01:60",
        "2014-11-06T03:04:39+0100",
        "2014-11-06T03:04:39+01",
        "2014-11-06T03:04:39+1:00",
        "2014-11-06T03:04:39ZZ",
        "2014-11-06T03:04:39Z ",
        " 2014-11-06T03:04:39Z",
        "2014-00-06T03:04:39Z",
        "2014-13-06T03:04:39Z",
        "2014-11-00T03:04:39Z",
        "2014-11-31T03:04:39Z",
        "2014-01-32T03:04:39Z",
        "2014-02-29T03:04:39Z",
        "1900-02-29T03:04:39Z",
        "2100-02-29T03:04:39Z",
        "2024-02-30T03:04:39Z",
        "-014-11-06T03:04:39Z",
        "+2014-11-06T03:04:39Z",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "２014-11-06T03:04:39Z",
        "2014-11-06T03:04:3/Z",
        "2014-11-06T03:04:39.0-1Z",
        "2014-11-06T03:04:39\0Z",
      })
  void whatIsNoTimestampIsRefused(String text) {
    assertThatThrownBy(() -> Rfc3339.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("a timestamp is RFC 3339");
  }

  @Test
  void instantsOutsideTheYearsAreNotWritten() {
    assertThat(Rfc3339.parse("0000-01-01T00:00:00Z")).isEqualTo(Rfc3339.MIN_MILLIS);
    assertThat(Rfc3339.parse("9999-12-31T23:59:59.999Z")).isEqualTo(Rfc3339.MAX_MILLIS);
    assertThatThrownBy(() -> Rfc3339.format(Rfc3339.MIN_MILLIS - 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Rfc3339.format(Rfc3339.MAX_MILLIS + 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void daysOfAllYearsAndEachLeapDayAgreeWithJavaTime() {
    for (long day = Rfc3339.MIN_MILLIS;
        day < Rfc3339.MAX_MILLIS;
        day += 86_400_000L * 29 + 12_345) {
      assertAgrees(day);
    }
    for (int year = 1; year < 10_000; year++) {
      long newYear =
          Instant.parse(String.format(Locale.ROOT, "%04d-03-01T00:00:00Z", year)).toEpochMilli();
      assertAgrees(newYear);
      assertAgrees(newYear - 1);
    }
  }

  @Test
  void randomInstantsAndOffsetsAgreeWithJavaTime() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("randomInstantsAndOffsetsAgreeWithJavaTime: -Dseed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 50_000; i++) {
      long millis = (long) (Rfc3339.MIN_MILLIS / 1.001 + random.nextDouble() * 3.15e14);
      ZoneOffset offset = ZoneOffset.ofTotalSeconds((random.nextInt(2 * 1080) - 1080) * 60);
      String text =
          DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
              Instant.ofEpochMilli(millis).atOffset(offset));
      if (Rfc3339.parse(text) != millis) {
        assertThat(Rfc3339.parse(text)).as(text).isEqualTo(millis);
      }
    }
  }

  private static void assertAgrees(long millis) {
    String expected = MILLIS.format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
    if (!Rfc3339.format(millis).equals(expected) || Rfc3339.parse(expected) != millis) {
      assertThat(Rfc3339.format(millis)).isEqualTo(expected);
      assertThat(Rfc3339.parse(expected)).isEqualTo(millis);
    }
  }
}
