package io.oplog.testkit.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Sink} must do. Extend {@link ExclusiveSinkContract} where one relay alone may
 * put what a source has, {@link SharedSinkContract} where several copies put the same; and tell
 * what yours has stored.
 *
 * @param <C> what a change is
 */
public abstract sealed class SinkContract<C> permits ExclusiveSinkContract, SharedSinkContract {
  protected static final String SOURCE = "source-1";

  private final List<Sink<C>> opened = new ArrayList<>();

  /** Opens a sink, again where it was opened before. */
  protected abstract Sink<C> open() throws Exception;

  /** A change that makes an object of this id. */
  protected abstract C change(String id);

  /**
   * The position that a test calls {@code p1} after the change {@code a}, {@code p2} after {@code
   * b} and so on, where positions have a form.
   */
  protected String at(String name) {
    return name;
  }

  /** The ids of all changes that were stored, in their order. */
  protected abstract List<String> stored() throws Exception;

  /** Opens one that is closed after the test. */
  protected final Sink<C> sink() throws Exception {
    Sink<C> sink = open();
    opened.add(sink);
    return sink;
  }

  @AfterEach
  final void closeSinks() {
    opened.forEach(Sink::close);
  }

  protected final Batch<C> batch(String to, String... ids) {
    return new Batch<>(Stream.of(ids).map(this::change).toList(), at(to));
  }

  /** Puts a batch; no position is the empty text. */
  protected final Sink.Receipt put(Sink<C> sink, String from, Batch<C> batch) throws Exception {
    return sink.put(SOURCE, from.isEmpty() ? Optional.empty() : Optional.of(at(from)), batch);
  }

  @Test
  final void whatIsPutIsStoredWithThePositionAfterIt() throws Exception {
    Sink<C> sink = sink();
    assertThat(sink.position(SOURCE)).isEmpty();
    assertThat(put(sink, "", batch("p1", "a", "b"))).isEqualTo(new Sink.Stored(List.of()));
    assertThat(put(sink, "p1", batch("p2", "c"))).isEqualTo(new Sink.Stored(List.of()));
    assertThat(sink.position(SOURCE)).contains(at("p2"));
    assertThat(stored()).containsExactly("a", "b", "c");
    sink.check();
    assertThat(stored()).containsExactly("a", "b", "c");
  }

  @Test
  final void aBatchThatIsPutAgainIsStoredOnce() throws Exception {
    Sink<C> sink = sink();
    put(sink, "", batch("p1", "a"));
    assertThat(put(sink, "", batch("p1", "a"))).isInstanceOf(Sink.Stored.class);
    assertThat(stored()).containsExactly("a");
  }

  @Test
  final void sourcesDoNotKnowOfEachOther() throws Exception {
    Sink<C> sink = sink();
    put(sink, "", batch("p1", "a"));
    assertThat(sink.position("source-2")).isEmpty();
    assertThat(sink.put("source-2", Optional.empty(), batch("p2", "b")))
        .isInstanceOf(Sink.Stored.class);
    assertThat(sink.position(SOURCE)).contains(at("p1"));
    assertThat(sink.position("source-2")).contains(at("p2"));
  }

  @Test
  final void aBatchWithoutChangesMovesThePosition() throws Exception {
    Sink<C> sink = sink();
    put(sink, "", batch("p1", "a"));
    assertThat(put(sink, "p1", batch("p2"))).isEqualTo(new Sink.Stored(List.of()));
    assertThat(sink.position(SOURCE)).contains(at("p2"));
    assertThat(stored()).containsExactly("a");
  }

  @Test
  final void afterReconcilingThePositionIsTheScans() throws Exception {
    Sink<C> sink = sink();
    put(sink, "", batch("p1", "a"));
    Scan<C> scan = new ListedScan<>(List.of(change("a"), change("b")), at("p2"));
    assertThat(sink.reconcile(SOURCE, Optional.of(at("p1")), scan, "a test"))
        .isInstanceOf(Sink.Stored.class);
    assertThat(sink.position(SOURCE)).contains(at("p2"));
    assertThat(put(sink, "p2", batch("p3", "c"))).isInstanceOf(Sink.Stored.class);
    assertThat(stored()).startsWith("a").endsWith("c").doesNotHaveDuplicates();
  }

  @Test
  final void thePositionOutlivesTheSink() throws Exception {
    Sink<C> before = sink();
    put(before, "", batch("p1", "a"));
    before.close();
    Sink<C> sink = sink();
    assertThat(sink.position(SOURCE)).contains(at("p1"));
    assertThat(put(sink, "p1", batch("p2", "b"))).isInstanceOf(Sink.Stored.class);
    assertThat(stored()).containsExactly("a", "b");
  }
}
