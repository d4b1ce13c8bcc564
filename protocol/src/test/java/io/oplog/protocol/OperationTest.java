package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperationTest {
  private static Operation at(long millis) {
    return new Operation(OperationKind.INSERT, "video", "x", List.of(), millis);
  }

  /** The second is five milliseconds after the epoch where days are counted in 32 bits. */
  @ParameterizedTest
  @ValueSource(longs = {1_764_300_000_000_000L, (86_400_000L << 32) + 5, Long.MIN_VALUE})
  void aTimeThatIsNotInMillisecondsIsRefused(long millis) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> at(millis))
        .withMessageContainingAll("milliseconds", String.valueOf(millis));
  }

  @Test
  void theFirstAndTheLastTimeAreTaken() {
    assertThat(Rfc3339.format(at(Rfc3339.MIN_MILLIS).timestampMillis())).startsWith("0000-01-01");
    assertThat(Rfc3339.format(at(Rfc3339.MAX_MILLIS).timestampMillis())).startsWith("9999-12-31");
  }

  @Test
  @SuppressWarnings("NullAway")
  void whatIsMissingIsNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> new Operation(null, "video", "x", List.of(), 0))
        .withMessage("kind");
    assertThatNullPointerException()
        .isThrownBy(() -> new Operation(OperationKind.INSERT, "video", null, List.of(), 0))
        .withMessage("id");
  }
}
