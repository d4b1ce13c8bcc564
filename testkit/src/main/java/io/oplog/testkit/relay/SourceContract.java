package io.oplog.testkit.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Source} must do. Extend it, and open yours on something that can be filled.
 *
 * @param <C> what a change is
 */
public abstract class SourceContract<C> {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int ALL = 1 << 20;

  private final List<Source<C>> opened = new ArrayList<>();

  /** Opens a source on what {@link #produce} fills, again where it was opened before. */
  protected abstract Source<C> open() throws Exception;

  /** Makes objects with these ids, none of which is there, one after the other. */
  protected abstract void produce(String... ids) throws Exception;

  /** The id of the object that a change is about. */
  protected abstract String id(C change);

  private Source<C> source() throws Exception {
    Source<C> source = open();
    opened.add(source);
    return source;
  }

  @AfterEach
  final void closeSources() {
    opened.forEach(Source::close);
  }

  private static String[] ids(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "v" + i).toArray(String[]::new);
  }

  private List<String> idsOf(Batch<C> batch) {
    return batch.changes().stream().map(this::id).toList();
  }

  /** Begins where a sink has nothing; what a scan tells. */
  private List<String> begin(Source<C> source) throws Exception {
    return scanned(source, source.seek(Optional.empty()));
  }

  private List<String> scanned(Source<C> source, Start<C> start) throws Exception {
    List<String> told = new ArrayList<>();
    if (start instanceof Start.Lost<C> lost) {
      String position = lost.scan().read(change -> told.add(id(change)));
      assertResumed(source.seek(Optional.of(position)));
    } else {
      assertResumed(start);
    }
    return told;
  }

  private static void assertResumed(Start<?> start) {
    assertThat(start).isInstanceOf(Start.Resumed.class);
  }

  /** Reads so many changes. */
  private List<Batch<C>> read(Source<C> source, int count, int maxBytes) throws Exception {
    List<Batch<C>> batches = new ArrayList<>();
    int read = 0;
    while (read < count) {
      Batch<C> batch = source.next(maxBytes, LONG).orElseThrow();
      if (!batch.changes().isEmpty()) {
        batches.add(batch);
      }
      read += batch.changes().size();
    }
    assertThat(read).isEqualTo(count);
    return batches;
  }

  private List<String> all(List<Batch<C>> batches) {
    return batches.stream().flatMap(batch -> idsOf(batch).stream()).toList();
  }

  @Test
  final void everythingComesFromTheBeginningAndThenInOrder() throws Exception {
    produce(ids(0, 100));
    Source<C> source = source();
    List<String> told = new ArrayList<>(begin(source));
    told.addAll(all(read(source, 100 - told.size(), ALL)));
    assertThat(told).containsExactlyInAnyOrder(ids(0, 100));
    assertThat(source.next(ALL, Duration.ZERO).map(Batch::changes).orElse(List.of())).isEmpty();
    produce(ids(100, 110));
    assertThat(all(read(source, 10, ALL))).containsExactly(ids(100, 110));
  }

  /** What happens while a scan is read comes after it, if not in it. */
  @Test
  final void whatAScanDoesNotHaveComesAfterIt() throws Exception {
    produce(ids(0, 10));
    Source<C> source = source();
    Start<C> start = source.seek(Optional.empty());
    produce(ids(10, 20));
    List<String> told = new ArrayList<>(scanned(source, start));
    produce("last");
    while (!told.contains("last")) {
      told.addAll(idsOf(source.next(ALL, LONG).orElseThrow()));
    }
    assertThat(told).contains(ids(0, 20));
  }

  @Test
  final void whoSkipsTheScanGetsWhatComesFromNowOn() throws Exception {
    produce(ids(0, 10));
    Source<C> source = source();
    if (source.seek(Optional.empty()) instanceof Start.Lost<C> lost) {
      String position = lost.scan().skip();
      produce(ids(10, 12));
      assertResumed(source.seek(Optional.of(position)));
      assertThat(all(read(source, 2, ALL))).containsExactly("v10", "v11");
    } else {
      assertThat(all(read(source, 10, ALL))).containsExactly(ids(0, 10));
    }
  }

  @Test
  final void aSmallerLimitGivesSmallerBatchesOfAtLeastOneChange() throws Exception {
    Source<C> source = source();
    begin(source);
    produce(ids(0, 20));
    List<Batch<C>> batches = read(source, 20, 1);
    assertThat(batches).hasSizeGreaterThan(1);
    assertThat(all(batches)).containsExactly(ids(0, 20));
  }

  @Test
  final void afterAnyPositionItGoesOnWithTheNextChange() throws Exception {
    Source<C> source = source();
    begin(source);
    produce(ids(0, 20));
    List<Batch<C>> batches = read(source, 20, 1);
    int read = 0;
    for (Batch<C> batch : batches) {
      read += batch.changes().size();
      assertResumed(source.seek(Optional.of(batch.to())));
      assertThat(all(read(source, 20 - read, ALL))).containsExactly(ids(read, 20));
    }
    assertThat(batches.stream().map(Batch::to)).doesNotHaveDuplicates();
  }

  @Test
  final void theNameAndThePositionsOutliveTheSource() throws Exception {
    Source<C> before = source();
    String name = before.name();
    begin(before);
    produce(ids(0, 10));
    String position = read(before, 10, ALL).getLast().to();
    assertThat(position).matches("[\\x21-\\x7e&&[^;,]]{1,1024}");
    before.acknowledged(position);
    before.close();
    produce(ids(10, 12));
    Source<C> source = source();
    assertThat(source.name()).isEqualTo(name).matches("[\\x21-\\x7e&&[^;,]]+");
    assertResumed(source.seek(Optional.of(position)));
    assertThat(all(read(source, 2, ALL))).containsExactly("v10", "v11");
  }

  @Test
  final void aPositionThatIsNotItsOwnMeansEverything() throws Exception {
    produce(ids(0, 10));
    Source<C> source = source();
    String name = source.name();
    Start<C> start = source.seek(Optional.of("nowhere"));
    List<String> told = new ArrayList<>();
    if (start instanceof Start.Renamed) {
      assertThat(source.name()).isNotEqualTo(name);
      told.addAll(begin(source));
    } else {
      assertThat(start).isInstanceOf(Start.Lost.class);
      told.addAll(scanned(source, start));
    }
    told.addAll(all(read(source, 10 - told.size(), ALL)));
    assertThat(told).containsExactlyInAnyOrder(ids(0, 10));
  }

  @Test
  final void theBacklogIsWhatWasNotAcknowledged() throws Exception {
    Source<C> source = source();
    begin(source);
    produce(ids(0, 10));
    assertThat(source.backlog().changes()).isIn(10L, Backlog.UNKNOWN);
    List<Batch<C>> batches = read(source, 10, ALL);
    assertThat(source.backlog().changes()).isIn(10L, Backlog.UNKNOWN);
    source.acknowledged(batches.getLast().to());
    assertThat(source.backlog().changes()).isIn(0L, Backlog.UNKNOWN);
    assertThat(source.backlog().seconds()).isIn(0L, Backlog.UNKNOWN);
    source.check();
  }

  @Test
  final void whoWaitsIsWokenByWhatIsProduced() throws Exception {
    Source<C> source = source();
    begin(source);
    CompletableFuture<List<Batch<C>>> waiting =
        CompletableFuture.supplyAsync(
            () -> readOne(source), task -> Thread.ofVirtual().start(task));
    produce("late");
    assertThat(all(waiting.get())).containsExactly("late");
  }

  private List<Batch<C>> readOne(Source<C> source) {
    try {
      return read(source, 1, ALL);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
