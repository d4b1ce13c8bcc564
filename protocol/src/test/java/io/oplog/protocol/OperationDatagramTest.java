package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationDatagramTest {
  private static final String A = Inputs.operation("a");
  private static final String B = Inputs.operation("b");

  private final Inputs inputs = Inputs.withDefaults();

  @ParameterizedTest
  @ValueSource(strings = {"%s", "%s\n", " %s\r\n", "\n\n%s\n\n"})
  void oneOperation(String layout) {
    inputs.datagram(String.format(layout, A));
    assertThat(inputs.ids()).containsExactly("a");
    assertThat(inputs.bad).isEmpty();
  }

  @Test
  void oneOperationSpreadOverLines() {
    inputs.datagram(A.replace(",", ",\n  ").replace("{", "{\n") + "\n");
    assertThat(inputs.ids()).containsExactly("a");
    assertThat(inputs.bad).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s\n%s", "%s\r\n%s\r\n", "\n%s\n\n%s\n"})
  void severalOperationsOneALine(String layout) {
    inputs.datagram(String.format(layout, A, B));
    assertThat(inputs.ids()).containsExactly("a", "b");
    assertThat(inputs.bad).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "{\"event\":\"insert\"",
        "{\"event\":\"create\",\"type\":\"t\",\"id\":\"i\"}",
        "\"an open string",
        "}",
        "[1,2",
        "{\"x\":[",
        "{\"event\":\"insert\",\"type\":\"t\",\"id\":\"i\"} {}"
      })
  void aBadLineDoesNotHarmItsNeighboursAndIsReportedOnce(String bad) {
    for (String layout :
        new String[] {"%1$s\n%2$s\n%3$s", "%2$s\n%1$s\n%3$s", "%2$s\n%3$s\n%1$s"}) {
      Inputs fresh = Inputs.withDefaults();
      fresh.datagram(String.format(layout, bad, A, B));
      assertThat(fresh.ids()).as(layout).containsExactly("a", "b");
      assertThat(fresh.bad).as(layout).hasSize(1);
    }
  }

  @Test
  void aLineThatIsNotUtf8DoesNotHarmItsNeighbours() {
    byte[] datagram = Inputs.utf8(A + "\n" + Inputs.operation("?") + "\n" + B);
    datagram[A.length() + 1 + 38] = (byte) 0xc0;
    inputs.datagram(datagram);
    assertThat(inputs.ids()).containsExactly("a", "b");
    assertThat(inputs.messages()).containsExactly("line 2: not valid UTF-8 at byte 39");
  }

  @Test
  void badLinesAreNamed() {
    inputs.datagram(A + "\n\nx\n{}\n");
    assertThat(inputs.ids()).containsExactly("a");
    assertThat(inputs.bad)
        .extracting(InvalidOperationException::place)
        .containsExactly("line 3", "line 4");
    assertThat(inputs.bad).extracting(InvalidOperationException::operations).containsOnly(1L);
  }

  @Test
  void aBadOperationSpreadOverLinesIsReportedOnce() {
    inputs.datagram("{\n\"event\":\"create\",\n\"type\":\"t\",\n\"id\":\"i\"\n}\n");
    assertThat(inputs.messages())
        .containsExactly("datagram: event must be insert, update or delete: \"create\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", " \r\n "})
  void anEmptyDatagramIsReportedOnce(String empty) {
    inputs.datagram(empty);
    assertThat(inputs.good).isEmpty();
    assertThat(inputs.messages()).containsExactly("datagram: no operation");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null", "3", "\"x\"", "x", "{", "{}", "\u0000", "\ufeff"})
  void anUnusableDatagramIsReportedOnce(String garbage) {
    inputs.datagram(garbage);
    assertThat(inputs.good).isEmpty();
    assertThat(inputs.bad).hasSize(1);
  }

  @Test
  void aFullDatagramOfShortOperationsIsRead() {
    int count = 65_507 / (A.length() + 1);
    inputs.datagram((A + "\n").repeat(count));
    assertThat(inputs.good).hasSize(count);
    assertThat(inputs.bad).isEmpty();
  }

  @Test
  void aFullDatagramOfOneOperationIsRead() {
    String head = Inputs.operation("a").replace("}", ",\"x\":\"");
    String datagram = head + "y".repeat(65_507 - head.length() - 2) + "\"}";
    inputs.datagram(datagram);
    assertThat(datagram).hasSize(65_507);
    assertThat(inputs.ids()).containsExactly("a");
  }
}
