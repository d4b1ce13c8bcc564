package io.oplog.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class BodyTest {
  private final ByteBudget budget = new ByteBudget(40_000);

  private static boolean add(Body body, int bytes) {
    return body.add(Unpooled.wrappedBuffer(new byte[bytes]));
  }

  @Test
  void ofTwoThatDoNotFitTogetherTheSecondIsTurnedAwayBeforeItsEnd() {
    Body first = new Body(budget, 30_000, 30_000);
    Body second = new Body(budget, 30_000, 30_000);
    assertThat(add(first, 100) && add(first, 9_000)).isTrue();
    assertThat(add(second, 100) && add(second, 9_000)).isFalse();
    second.release();
    assertThat(add(first, 20_900)).isTrue();
    assertThat(first.length()).isEqualTo(30_000);
    first.release();
    assertThat(budget.reserve(40_000)).isTrue();
  }

  @Test
  void theLongestBodyOfUnknownLengthFitsTwiceItsLength() {
    Body body = new Body(budget, 0, 20_000);
    for (int i = 0; i < 20; i++) {
      assertThat(add(body, 1_000)).isTrue();
    }
    body.release();
    assertThat(budget.reserve(40_000)).isTrue();
  }

  @Test
  void whatIsCopiedCountsTwiceMeanwhile() {
    Body body = new Body(budget, 0, 100_000);
    assertThat(add(body, 14_000)).isTrue();
    assertThat(add(body, 14_000)).isFalse();
    body.release();
    assertThat(budget.reserve(40_000)).isTrue();
  }
}
