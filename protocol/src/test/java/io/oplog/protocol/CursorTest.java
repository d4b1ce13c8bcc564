package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {

  @Test
  void anEmptyIdStartsNow() {
    assertThat(Cursor.parse("")).isEqualTo(new Cursor.Now());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "00", "0000000000000", "000000000000000000000000"})
  void zerosStartAtTheBeginning(String zeros) {
    assertThat(Cursor.parse(zeros)).isEqualTo(new Cursor.Beginning());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0000000000001", "1415271879041", "9999999999999"})
  void upToThirteenDigitsAreMilliseconds(String millis) {
    assertThat(Cursor.parse(millis)).isEqualTo(new Cursor.Since(Long.parseLong(millis)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "6920c0de0001000000000a2f",
        "000000000000000000000001",
        "ffffffffffffffffffffffff"
      })
  void twentyFourHexDigitsAreAnEventId(String id) {
    assertThat(Cursor.parse(id)).isEqualTo(new Cursor.After(EventId.parse(id)));
    assertThat(EventId.parse(id)).hasToString(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-5",
        "+5",
        " 5",
        "5 ",
        "a",
        "0x1",
        "٣",
        "1.5",
        "10000000000000",
        "6920c0de0001000000000a2",
        "6920c0de0001000000000a2f0",
        "6920C0DE0001000000000A2F",
        "6920c0de0001000000000a2g",
        "6920c0de-001000000000a2f",
        "live"
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> Cursor.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thePartsOfAnEventId() {
    assertThat(EventId.parse("6920c0de0001000000000a2f"))
        .isEqualTo(new EventId(0x6920c0deL, 1, 0xa2f));
  }

  @Test
  void thePartsOfAnEventIdHaveTheirRanges() {
    assertThatThrownBy(() -> new EventId(1L << 32, 0, 0)).hasMessageContaining("seconds must be");
    assertThatThrownBy(() -> new EventId(0, 1 << 16, 0))
        .hasMessageContaining("incarnation must be");
    assertThatThrownBy(() -> new EventId(0, 0, 1L << 48)).hasMessageContaining("sequence must be");
    assertThatThrownBy(() -> new EventId(0, 0, -1)).hasMessageContaining("sequence must be");
  }
}
