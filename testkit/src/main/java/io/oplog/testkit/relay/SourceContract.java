package io.oplog.testkit.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Source;
import io.oplog.protocol.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link Source} must do. Extend it, and open yours on something that can be filled. */
public abstract class SourceContract {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int ALL = 1 << 20;

  private final List<Source> opened = new ArrayList<>();

  /** Opens a source on what {@link #produce} fills, again where it was opened before. */
  protected abstract Source open() throws Exception;

  /** Makes operations on objects of type {@code video} with these ids. */
  protected abstract void produce(String... ids) throws Exception;

  private Source source() throws Exception {
    Source source = open();
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

  private static List<String> idsOf(Batch batch) {
    return batch.operations().stream().map(Operation::id).toList();
  }

  /** Reads so many operations. */
  private static List<Batch> read(Source source, int count, int maxBytes) throws Exception {
    List<Batch> batches = new ArrayList<>();
    int read = 0;
    while (read < count) {
      Batch batch = source.next(maxBytes, LONG).orElseThrow();
      batches.add(batch);
      read += batch.operations().size();
    }
    assertThat(read).isEqualTo(count);
    return batches;
  }

  private static List<String> all(List<Batch> batches) {
    return batches.stream().flatMap(batch -> idsOf(batch).stream()).toList();
  }

  @Test
  final void everythingComesInOrderFromTheBeginning() throws Exception {
    produce(ids(0, 100));
    Source source = source();
    assertThat(source.seek(Optional.empty())).isTrue();
    assertThat(all(read(source, 100, ALL))).containsExactly(ids(0, 100));
    assertThat(source.next(ALL, Duration.ZERO)).isEmpty();
    produce(ids(100, 110));
    assertThat(all(read(source, 10, ALL))).containsExactly(ids(100, 110));
  }

  @Test
  final void aSmallerLimitGivesSmallerBatchesOfAtLeastOneOperation() throws Exception {
    produce(ids(0, 20));
    Source source = source();
    source.seek(Optional.empty());
    List<Batch> batches = read(source, 20, 1);
    assertThat(batches).hasSizeGreaterThan(1);
    assertThat(all(batches)).containsExactly(ids(0, 20));
  }

  @Test
  final void afterAnyPositionItGoesOnWithTheNextOperation() throws Exception {
    produce(ids(0, 20));
    Source source = source();
    source.seek(Optional.empty());
    List<Batch> batches = read(source, 20, 1);
    int read = 0;
    for (Batch batch : batches) {
      read += batch.operations().size();
      assertThat(source.seek(Optional.of(batch.to()))).isTrue();
      assertThat(all(read(source, 20 - read, ALL))).containsExactly(ids(read, 20));
    }
    assertThat(batches.stream().map(Batch::to)).doesNotHaveDuplicates();
  }

  @Test
  final void theNameAndThePositionsOutliveTheSource() throws Exception {
    produce(ids(0, 10));
    Source before = source();
    String name = before.name();
    before.seek(Optional.empty());
    String position = read(before, 10, ALL).getLast().to();
    before.acknowledged(position);
    before.close();
    produce(ids(10, 12));
    Source source = source();
    assertThat(source.name()).isEqualTo(name).matches("[\\x21-\\x7e&&[^;,]]+");
    assertThat(source.seek(Optional.of(position))).isTrue();
    assertThat(all(read(source, 2, ALL))).containsExactly("v10", "v11");
  }

  @Test
  final void aPositionThatIsNotItsOwnMeansAnotherNameAndEverything() throws Exception {
    produce(ids(0, 10));
    Source source = source();
    String name = source.name();
    assertThat(source.seek(Optional.of("nowhere"))).isFalse();
    assertThat(source.name()).isNotEqualTo(name);
    assertThat(source.seek(Optional.empty())).isTrue();
    assertThat(all(read(source, 10, ALL))).containsExactly(ids(0, 10));
  }

  @Test
  final void theBacklogIsWhatWasNotAcknowledged() throws Exception {
    produce(ids(0, 10));
    Source source = source();
    source.seek(Optional.empty());
    assertThat(source.backlog().operations()).isEqualTo(10);
    List<Batch> batches = read(source, 10, ALL);
    assertThat(source.backlog().operations()).isEqualTo(10);
    source.acknowledged(batches.getLast().to());
    assertThat(source.backlog()).isEqualTo(new Backlog(0, 0));
    source.check();
  }

  @Test
  final void whoWaitsIsWokenByWhatIsProduced() throws Exception {
    Source source = source();
    source.seek(Optional.empty());
    CompletableFuture<Batch> waiting =
        CompletableFuture.supplyAsync(() -> nextOf(source), task -> Thread.ofVirtual().start(task));
    produce("late");
    assertThat(idsOf(waiting.get())).containsExactly("late");
  }

  private static Batch nextOf(Source source) {
    try {
      return source.next(ALL, LONG).orElseThrow();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
