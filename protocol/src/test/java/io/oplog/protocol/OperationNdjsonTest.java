package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationNdjsonTest {
  private static final String A = Inputs.operation("a");
  private static final String B = Inputs.operation("b");

  private final Inputs inputs = Inputs.withDefaults();

  private void assertRefused(String body, String place, String reason, int operations) {
    assertThatThrownBy(() -> inputs.ndjson(body))
        .isInstanceOfSatisfying(
            InvalidOperationException.class,
            e -> {
              assertThat(e.place()).isEqualTo(place);
              assertThat(e.reason()).startsWith(reason);
              assertThat(e.operations()).isEqualTo(operations);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"%s\n%s", "%s\n%s\n", "%s\r\n%s\r\n", "\n \n%s\n\r\n%s\n\t\n", " %s \n\t%s"})
  void linesMayEndInLfOrCrLfAndBeBlank(String layout) throws Exception {
    assertThat(inputs.ndjson(String.format(layout, A, B)))
        .extracting(Operation::id)
        .containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \r\n\n\t"})
  void aBodyWithoutAnOperationIsRefused(String body) {
    assertRefused(body, "body", "the body holds no operation", 1);
  }

  @Test
  void theBadLineIsNamedBlankLinesIncludedAndAllAreCounted() {
    assertRefused(A + "\n\n\r\n{}\n" + B + "\n", "line 4", "event is missing", 3);
  }

  @Test
  void aLoneCarriageReturnEndsNoLine() {
    assertRefused(A + "\r" + B + "\n", "line 1", "more text after the operation", 1);
  }

  @Test
  void twoOperationsOnALineAreRefused() {
    assertRefused(A + "\n" + A + B, "line 2", "more text after the operation, on its line", 2);
    assertRefused(A + " " + A, "line 1", "more text after the operation, on its line", 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"event\":\"insert\",\"type\":\"t\",\n\"id\":\"i\"}",
        "{\"event\":\"insert\",\"type\":\"t\",\"id\":\"i\"\n}",
        "{\n\"event\":\"insert\",\"type\":\"t\",\"id\":\"i\"}",
        "{\"event\":\n{\"event\":3}",
        "{\"event\":\"insert\",\"type\":\"t\",\"id\":\n4}",
        "{\"x\":[\n]]",
      })
  void anOperationSpreadOverLinesIsRefused(String spread) {
    assertRefused(A + "\n" + spread + "\n", "line 2", "the operation does not end on its line", 3);
  }

  @Test
  void anOperationCutAtTheEndOfTheBodyIsRefused() {
    assertThatThrownBy(() -> inputs.ndjson(A + "\n{\"event\":\"insert\",\"ty"))
        .hasMessageStartingWith("line 2: ");
  }

  @Test
  void anArrayIsNoOperation() {
    assertRefused("[" + A + "]", "line 1", "an operation is a JSON object, not an array", 1);
  }

  @Test
  void aLineThatIsNoObjectIsNamedByItsStart() {
    assertRefused("bad\n" + A, "line 1", "an operation is a JSON object, not \"bad\"", 2);
    assertRefused(A + "\n \"bad\n", "line 2", "an operation is a JSON object, not a string", 2);
    String start = "an operation is a JSON object, not ";
    assertRefused("é".repeat(70), "line 1", start + "\"" + "é".repeat(60) + "…\"", 1);
  }

  @Test
  void theLineThatIsNotUtf8IsNamed() {
    byte[] body = Inputs.utf8(A + "\n\n" + B + "\n" + A);
    body[A.length() + 2 + 40] = (byte) 0xff;
    assertThatThrownBy(() -> inputs.ndjson(body)).hasMessage("line 3: not valid UTF-8 at byte 41");
  }

  @Test
  void manyLinesAreReadWithTheirOwnFields() throws Exception {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      body.append(Inputs.operation("x" + i)).append(i % 3 == 0 ? "\r\n" : "\n");
    }
    assertThat(inputs.ndjson(body.toString()))
        .hasSize(5000)
        .last()
        .extracting(Operation::id)
        .isEqualTo("x4999");
  }

  @Test
  void aLongBodyNamesItsLastLine() {
    String body = (A + "\n").repeat(4999) + "{\"event\":\"insert\",\"type\":\"a/b\"}\n";
    assertRefused(body, "line 5000", "type must have no '/'", 5000);
  }
}
