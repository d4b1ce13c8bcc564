package io.oplog.testkit.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.relay.Sink;
import org.junit.jupiter.api.Test;

/** A {@link Sink} that takes what follows its position, and nothing else. */
public abstract non-sealed class ExclusiveSinkContract<C> extends SinkContract<C> {

  @Test
  final void aBatchThatDoesNotFollowIsNotStored() throws Exception {
    Sink<C> sink = sink();
    put(sink, "", batch("p1", "a"));
    assertThat(put(sink, "", batch("q1", "x"))).isEqualTo(new Sink.Elsewhere());
    assertThat(put(sink, "p0", batch("p2", "x"))).isEqualTo(new Sink.Elsewhere());
    assertThat(sink.position(SOURCE)).contains("p1");
    assertThat(stored()).containsExactly("a");
  }
}
