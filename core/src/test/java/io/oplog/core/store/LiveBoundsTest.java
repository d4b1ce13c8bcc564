package io.oplog.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.Bounds.Floor;
import org.junit.jupiter.api.Test;

/** Several threads look at what others have dropped, and may tell it late. */
class LiveBoundsTest {
  private final LiveBounds bounds = new LiveBounds();

  @Test
  void whatIsToldLateMovesNothingBack() {
    bounds.log(1, 0, 100, 0, 1000);
    bounds.first(50, 500);
    bounds.floor(new Floor(40, 4));
    bounds.first(20, 200);
    bounds.floor(new Floor(10, 1));
    assertThat(bounds.now().first()).isEqualTo(50);
    assertThat(bounds.now().logBytes()).isEqualTo(500);
    assertThat(bounds.now().floor()).isEqualTo(new Floor(40, 4));
    bounds.log(30, 300, 110, 0, 1100);
    assertThat(bounds.now().first()).isEqualTo(50);
    assertThat(bounds.now().logBytes()).isEqualTo(600);
  }

  /** The beginning of a shared log may be heard of before the operations that it lies after. */
  @Test
  void aLogThatBeginsAfterTheKnownHeadHasNoBytes() {
    bounds.log(1, 0, 100, 0, 1000);
    bounds.first(150, 1500);
    assertThat(bounds.now().logBytes()).isZero();
  }
}
