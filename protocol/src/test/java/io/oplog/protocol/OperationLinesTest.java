package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines of operations and of dumps: what is written is read again. */
class OperationLinesTest {
  private static final Operation STATE =
      new Operation(OperationKind.INSERT, "video", "a\"b", List.of("user/1", "é"), 1000);

  private final OperationReader reader = new OperationReader(OperationLimits.DEFAULTS);

  private static String text(OperationLines lines) {
    return new String(lines.bytes(), 0, lines.length(), StandardCharsets.UTF_8);
  }

  private List<String> states(String dump) throws InvalidOperationException {
    byte[] bytes = dump.getBytes(StandardCharsets.UTF_8);
    List<String> states = new ArrayList<>();
    reader.readStates(bytes, 0, bytes.length, (line, state) -> states.add(line + " " + state.id()));
    return states;
  }

  @Test
  void aStateIsTheDataOfAnEventAndAnOperationHasItsKindInFront() {
    OperationLines lines = new OperationLines();
    lines.addState(STATE);
    lines.addOperation(STATE);
    String data =
        "\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"parents\":[\"user/1\",\"é\"],"
            + "\"type\":\"video\",\"id\":\"a\\\"b\"}\n";
    assertThat(text(lines)).isEqualTo("{" + data + "{\"event\":\"insert\"," + data);
    lines.clear();
    assertThat(text(lines)).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    RandomOperations random = new RandomOperations(7);
    OperationLines lines = new OperationLines();
    List<Operation> written = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Operation operation = random.next();
      lines.addOperation(operation);
      written.add(operation);
    }
    List<Operation> read = new ArrayList<>();
    reader.readNdjson(lines.bytes(), 0, lines.length(), 0, read::add);
    assertThat(read).isEqualTo(written);
  }

  @Test
  void linesAreCountedWithBlankOnes() throws Exception {
    String line = "{\"id\":\"x\",\"TYPE\":\"Video\",\"timestamp\":\"2026-01-01T00:00:00Z\"}";
    assertThat(states("\n" + line + "\r\n\n" + line)).containsExactly("2 x", "4 x");
    assertThat(states("")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"v\",\"id\":\"x\"} | timestamp is missing",
        "{\"type\":\"v\",\"id\":\"x\",\"timestamp\":null} | timestamp is missing",
        "{\"id\":\"x\",\"timestamp\":\"2026-01-01T00:00:00Z\"} | type is missing",
        "{\"type\":\"v\",\"timestamp\":\"2026-01-01T00:00:00Z\"} | id is missing",
        "{\"event\":\"delete\",\"type\":\"v\",\"id\":\"x\",\"timestamp\":\"2026-01-01T00:00:00Z\"}"
            + " | an object that exists is not a delete",
        "{\"type\":\"v\" | not valid JSON: it ends too soon",
        "[] | an operation is a JSON object, not an array",
      })
  void aLineThatDoesNotSayHowAnObjectIsIsRefused(String line, String reason) {
    assertThatThrownBy(() -> states("\n" + line))
        .isInstanceOfSatisfying(
            InvalidOperationException.class,
            e -> {
              assertThat(e.place()).isEqualTo("line 2");
              assertThat(e.reason()).startsWith(reason);
            });
  }
}
