package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.protocol.EventId;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandingTest {
  private static final Window WINDOW =
      new Window(new EventId(EventId.MAX_SECONDS, 0xfffe, EventId.MAX_SEQUENCE), 100_000, -1);

  @Test
  void aTokenSaysWhatIsLeft() throws Exception {
    Standing left = Standing.of(List.of(WINDOW, new Window(EventId.ZERO, 1, 0)));
    assertThat(Standing.parse(left.token())).isEqualTo(left);
    Standing nothing = Standing.of(List.of());
    assertThat(Standing.parse(nothing.token())).isEqualTo(nothing);
  }

  @Test
  void theLongestTokenIsOneThatServersTake() {
    Standing longest = Standing.of(Collections.nCopies(Standing.MOST_WINDOWS, WINDOW));
    assertThat(longest.token()).hasSizeLessThanOrEqualTo(1024).matches("[\\x21-\\x7e&&[^;,]]+");
  }

  @Test
  void eachTokenIsAnother() {
    assertThat(Standing.of(List.of()).token()).isNotEqualTo(Standing.of(List.of()).token());
  }

  @Test
  void whatSomebodyElseStoredIsNamed() {
    assertThatThrownBy(() -> Standing.parse("4711"))
        .isInstanceOf(TryAgainException.class)
        .hasMessageContaining("oplog-sync")
        .hasMessageContaining("4711");
  }
}
