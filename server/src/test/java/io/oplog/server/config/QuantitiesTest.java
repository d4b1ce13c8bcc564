package io.oplog.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({"0,PT0S", "25s,PT25S", "250ms,PT0.25S", "1.5h,PT1H30M", "7 D,PT168H", "3m,PT3M"})
  void durationsHaveAUnit(String text, Duration duration) {
    assertThat(Quantities.duration(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "25", "-1s", "s", "1 week", "1e3s", "99999999999999999999d"})
  void whatIsNotADurationIsRefused(String text) {
    assertThatThrownBy(() -> Quantities.duration(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "65507,65507",
    "10GB,10000000000",
    "8MiB,8388608",
    "1.5kib,1536",
    "2 tb,2000000000000"
  })
  void sizesAreThousandsOr1024s(String text, long bytes) {
    assertThat(Quantities.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "10XB", "7d", "999999999999999tib"})
  void whatIsNotASizeIsRefused(String text) {
    assertThatThrownBy(() -> Quantities.bytes(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void retentionIsAnAgeASizeOrBoth() {
    assertThat(LogRetention.parse("7d"))
        .isEqualTo(new LogRetention(Optional.of(Duration.ofDays(7)), OptionalLong.empty()));
    assertThat(LogRetention.parse("10GB"))
        .isEqualTo(new LogRetention(Optional.empty(), OptionalLong.of(10_000_000_000L)));
    assertThat(LogRetention.parse("10GB, 7d")).isEqualTo(LogRetention.parse("7d,10GB"));
    assertThat(LogRetention.parse("forever"))
        .isEqualTo(new LogRetention(Optional.empty(), OptionalLong.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "7", "7d,8", "7d,8d", "1GB,2GB", "7d,", "never", "7days", "0", "0d", "7d,0GB"})
  void whatIsNotARetentionIsRefusedWithItsForm(String text) {
    assertThatThrownBy(() -> LogRetention.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "'")
        .hasMessageContaining("like 7d,10GB or forever");
  }

  @ParameterizedTest
  @CsvSource({
    ":8042,'',8042",
    "8042,'',8042",
    "127.0.0.1:0,127.0.0.1,0",
    "[::1]:1,::1,1",
    "h:2,h,2"
  })
  void anAddressIsAHostAndAPort(String text, String host, int port) {
    assertThat(ListenAddress.parse(text)).isEqualTo(new ListenAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "h", "::1:2", ":65536", ":-1", "h:1:2"})
  void whatIsNotAnAddressIsRefused(String text) {
    assertThatThrownBy(() -> ListenAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
