package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeleteLimitTest {
  @ParameterizedTest
  @CsvSource({
    "1%, 1, 100, true",
    "1%, 2, 100, false",
    "1%, 1, 99, false",
    "0.5%, 1, 200, true",
    "100%, 7, 7, true",
    "0%, 1, 1000000, false",
    "0%, 0, 0, true",
    "10, 10, 10, true",
    "10, 11, 1000000, false",
    "0, 1, 1, false",
  })
  void aShareIsOfWhatLivesAndANumberIsItself(
      String limit, long deletes, long living, boolean allowed) {
    assertThat(DeleteLimit.parse(limit).allows(deletes, living)).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "1.5", "-1", "101%", "many"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> DeleteLimit.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void itIsShownAsItWasWritten() {
    assertThat(DeleteLimit.parse("0.5 %")).hasToString("0.5%");
    assertThat(DeleteLimit.parse("0%")).hasToString("0%");
    assertThat(DeleteLimit.parse("12")).hasToString("12");
  }
}
