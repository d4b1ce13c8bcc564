package io.oplog.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GraceTest {
  private static final int CLIENTS_OF_TEN_SECONDS = 20_000;

  private long now = Long.MAX_VALUE - 1; // the clock may pass its greatest value
  private final Grace grace = new Grace(Duration.ofSeconds(10), () -> now);

  private void pass(int seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void whatOneStepUsedUpIsNotThereForTheNext() {
    pass(8);
    assertThat(grace.left()).isEqualTo(Duration.ofSeconds(2));
    assertThat(grace.isOver()).isFalse();
    pass(3);
    assertThat(grace.left()).isZero();
    assertThat(grace.isOver()).isTrue();
  }

  @Test
  void streamsAreSpreadOverWhatTheDrainLeft() {
    assertThat(OplogServer.spread(100, grace)).isEqualTo(Duration.ofMillis(50));
    assertThat(OplogServer.spread(CLIENTS_OF_TEN_SECONDS, grace)).isEqualTo(Duration.ofSeconds(10));
    pass(8);
    assertThat(OplogServer.spread(CLIENTS_OF_TEN_SECONDS, grace)).isEqualTo(Duration.ofSeconds(2));
    pass(8);
    assertThat(OplogServer.spread(CLIENTS_OF_TEN_SECONDS, grace)).isZero();
  }
}
