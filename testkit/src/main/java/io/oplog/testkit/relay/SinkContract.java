package io.oplog.testkit.relay;

import static io.oplog.testkit.Operations.insert;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Sink;
import io.oplog.protocol.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link Sink} must do. Extend it, and tell what yours has stored. */
public abstract class SinkContract {
  private static final String SOURCE = "source-1";

  private final List<Sink> opened = new ArrayList<>();

  /** Opens a sink, again where it was opened before. */
  protected abstract Sink open() throws Exception;

  /** The ids of all operations that were stored, in their order. */
  protected abstract List<String> stored() throws Exception;

  private Sink sink() throws Exception {
    Sink sink = open();
    opened.add(sink);
    return sink;
  }

  @AfterEach
  final void closeSinks() {
    opened.forEach(Sink::close);
  }

  private static Batch batch(String to, String... ids) {
    List<Operation> operations = Stream.of(ids).map(id -> insert("video", id)).toList();
    return new Batch(operations, to);
  }

  private static Sink.Receipt put(Sink sink, String from, Batch batch) throws Exception {
    return sink.put(SOURCE, from.isEmpty() ? Optional.empty() : Optional.of(from), batch);
  }

  @Test
  final void whatIsPutIsStoredWithThePositionAfterIt() throws Exception {
    Sink sink = sink();
    assertThat(sink.position(SOURCE)).isEmpty();
    assertThat(put(sink, "", batch("p1", "a", "b"))).isEqualTo(new Sink.Stored(List.of()));
    assertThat(put(sink, "p1", batch("p2", "c"))).isEqualTo(new Sink.Stored(List.of()));
    assertThat(sink.position(SOURCE)).contains("p2");
    assertThat(stored()).containsExactly("a", "b", "c");
    sink.check();
    assertThat(stored()).containsExactly("a", "b", "c");
  }

  @Test
  final void aBatchThatDoesNotFollowIsNotStored() throws Exception {
    Sink sink = sink();
    put(sink, "", batch("p1", "a"));
    assertThat(put(sink, "", batch("q1", "x"))).isEqualTo(new Sink.Elsewhere());
    assertThat(put(sink, "p0", batch("p2", "x"))).isEqualTo(new Sink.Elsewhere());
    assertThat(sink.position(SOURCE)).contains("p1");
    assertThat(stored()).containsExactly("a");
  }

  @Test
  final void aBatchThatIsPutAgainIsStoredOnce() throws Exception {
    Sink sink = sink();
    put(sink, "", batch("p1", "a"));
    assertThat(put(sink, "", batch("p1", "a"))).isInstanceOf(Sink.Stored.class);
    assertThat(stored()).containsExactly("a");
  }

  @Test
  final void sourcesDoNotKnowOfEachOther() throws Exception {
    Sink sink = sink();
    put(sink, "", batch("p1", "a"));
    assertThat(sink.position("source-2")).isEmpty();
    assertThat(sink.put("source-2", Optional.empty(), batch("z", "b")))
        .isInstanceOf(Sink.Stored.class);
    assertThat(sink.position(SOURCE)).contains("p1");
    assertThat(sink.position("source-2")).contains("z");
  }

  @Test
  final void thePositionOutlivesTheSink() throws Exception {
    Sink before = sink();
    put(before, "", batch("p1", "a"));
    before.close();
    Sink sink = sink();
    assertThat(sink.position(SOURCE)).contains("p1");
    assertThat(put(sink, "p1", batch("p2", "b"))).isInstanceOf(Sink.Stored.class);
    assertThat(stored()).containsExactly("a", "b");
  }
}
