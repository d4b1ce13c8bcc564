package io.oplog.testkit.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.relay.Sink;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A {@link Sink} into which several copies of a relay put what the same source has, each at its own
 * pace and in batches of its own: changes are known by their own order, which is here that of their
 * ids.
 */
public abstract non-sealed class SharedSinkContract<C> extends SinkContract<C> {
  private static final Sink.Receipt STORED = new Sink.Stored(List.of());

  @Test
  final void whatAnotherCopyHasPutIsNotStoredAgain() throws Exception {
    Sink<C> one = sink();
    Sink<C> other = sink();
    assertThat(put(one, "", batch("p2", "a", "b"))).isEqualTo(STORED);
    assertThat(put(other, "", batch("p1", "a"))).isEqualTo(STORED);
    assertThat(put(other, "p1", batch("p3", "b", "c"))).isEqualTo(STORED);
    assertThat(put(one, "p2", batch("p4", "c", "d"))).isEqualTo(STORED);
    assertThat(stored()).containsExactly("a", "b", "c", "d");
    assertThat(other.position(SOURCE)).contains(at("p4"));
  }

  @Test
  final void aCopyThatIsBehindDoesNotMoveThePositionBack() throws Exception {
    Sink<C> ahead = sink();
    Sink<C> behind = sink();
    put(ahead, "", batch("p3", "a", "b", "c"));
    assertThat(put(behind, "", batch("p1", "a"))).isEqualTo(STORED);
    assertThat(put(behind, "p1", batch("p2"))).isEqualTo(STORED);
    assertThat(ahead.position(SOURCE)).contains(at("p3"));
    assertThat(stored()).containsExactly("a", "b", "c");
  }
}
