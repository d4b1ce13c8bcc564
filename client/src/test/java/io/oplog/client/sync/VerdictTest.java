package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
  /** Objects as {@code timestamp parent…}, a deletion as {@code -timestamp}; the dump's age. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        // dump, log, age
        "5, none, 9, INSERT",
        "5, -4, 9, INSERT",
        "5, -5, 9, LEFT_ALONE",
        "5, -6, 9, LEFT_ALONE",
        "5, 4, 9, UPDATE",
        "5, 5, 9, SAME",
        "5, 6, 9, LEFT_ALONE",
        "5 a b, 5 b a, 9, SAME",
        "5 a, 5 a a, 9, SAME",
        "5 a, 5 b, 9, UPDATE",
        "5 a, 5 b, 6, UPDATE",
        "5 a, 5 b, 5, LEFT_ALONE",
        "5 a, 6 b, 9, LEFT_ALONE",
        "9, 8, 5, UPDATE",
        "none, 5, 9, DELETE",
        "none, 8, 9, DELETE",
        "none, 9, 9, LEFT_ALONE",
        "none, 10, 9, LEFT_ALONE",
        "none, -5, 9, GONE",
        "none, none, 9, GONE",
      })
  void theNewerSideCounts(
      @Nullable String line, @Nullable String state, long age, Verdict verdict) {
    assertThat(Verdict.of(operation(line), operation(state), age)).isEqualTo(verdict);
  }

  /** Likewise, of a source; the log had the state before that was read, or not. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "5, -5, true, INSERT",
        "5, -8, true, INSERT",
        "5, -8, false, LEFT_ALONE",
        "5, -1, false, LEFT_ALONE",
        "5 a, 6 b, true, UPDATE",
        "5 a, 6 b, false, LEFT_ALONE",
        "5 a b, 6 b a, true, LEFT_ALONE",
        "5, 5, true, SAME",
        "5, 4, true, UPDATE",
        "5, 4, false, LEFT_ALONE",
        "5, none, false, INSERT",
        "none, 8, true, DELETE",
        "none, 8, false, LEFT_ALONE",
        "none, -5, true, GONE",
        "none, -5, false, GONE",
      })
  void aSourceKnowsMoreThanALogHadBeforeItWasReadWhateverTheTimesAre(
      @Nullable String line, @Nullable String state, boolean isOlder, Verdict verdict) {
    assertThat(Verdict.ofSource(operation(line), operation(state), isOlder)).isEqualTo(verdict);
  }

  private static @Nullable Operation operation(@Nullable String text) {
    if (text == null) {
      return null;
    }
    String[] words = text.split(" ", -1);
    long timestamp = Long.parseLong(words[0]);
    return new Operation(
        timestamp < 0 ? OperationKind.DELETE : OperationKind.UPDATE,
        "video",
        "x",
        List.of(words).subList(1, words.length),
        Math.abs(timestamp));
  }
}
