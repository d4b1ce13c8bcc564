package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the operations of a log in their order: each was sent, none is there twice unless it
 * came by a datagram, each body is whole, and the steps of each source follow each other.
 * Thread-confined.
 */
final class BodyOrder {
  private final Ledger ledger;
  private final BitSet seen = new BitSet();
  private final Map<String, Long> steps = new HashMap<>();
  private @Nullable Body open;
  private long due;

  BodyOrder(Ledger ledger) {
    this.ledger = ledger;
  }

  boolean has(long number) {
    return seen.get((int) number);
  }

  void next(long sequence, long number) {
    Body body = open == null ? start(number) : open;
    assertThat(has(number) && body.answered())
        .as("operation %d stands at %d once more", number, sequence)
        .isFalse();
    seen.set((int) number);
    assertThat(number).as("the operation at %d, in %s", sequence, body).isEqualTo(due);
    due++;
    open = number == body.last() ? null : body;
  }

  private Body start(long number) {
    Body body = ledger.bodyOf(number);
    if (body == null) {
      return fail("operation " + number + " was never sent");
    }
    due = body.first();
    if (body.step() != null) {
      verifyStep(body.step());
    }
    return body;
  }

  private void verifyStep(Body.Step step) {
    long before = steps.getOrDefault(step.source(), 0L);
    assertThat(step.number())
        .as("the step of %s after %d", step.source(), before)
        .isEqualTo(before + 1);
    steps.put(step.source(), step.number());
  }
}
