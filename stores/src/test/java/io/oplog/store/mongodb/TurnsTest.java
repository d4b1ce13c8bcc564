package io.oplog.store.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static final ObjectId A = new ObjectId("00000000000000000000000a");
  private static final ObjectId B = new ObjectId("00000000000000000000000b");
  private static final ObjectId C = new ObjectId("00000000000000000000000c");

  /** Who comes after whom when all three append. */
  @Test
  void agentsGoRoundAfterTheOneThatAppendedLast() {
    Turns a = new Turns(A);
    Turns b = new Turns(B);
    Turns c = new Turns(C);
    for (ObjectId last : new ObjectId[] {A, B, C}) {
      for (Turns turns : new Turns[] {a, b, c}) {
        turns.appended(last, 0);
      }
    }
    assertThat(new int[] {a.before(0), b.before(0), c.before(0)}).containsExactly(0, 1, 2);
    b.appended(A, 0);
    assertThat(b.before(0)).isZero();
    a.appended(A, 0);
    assertThat(a.before(0)).isEqualTo(2);
  }

  @Test
  void nobodyWaitsForAnAgentThatAppendsNoMore() {
    Turns turns = new Turns(A);
    assertThat(turns.before(0)).isZero();
    turns.appended(B, 0);
    turns.appended(A, TimeUnit.MILLISECONDS.toNanos(600));
    assertThat(turns.before(TimeUnit.MILLISECONDS.toNanos(900))).isEqualTo(1);
    assertThat(turns.before(TimeUnit.MILLISECONDS.toNanos(1100))).isZero();
  }
}
