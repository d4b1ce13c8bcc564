package io.oplog.connector.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bson.BsonInt32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FairSourceTest {
  private static final int ALL = 1 << 20;
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int MOST_BYTES = 10_000;

  private final Scripted scripted = new Scripted();
  private final FairSource source = new FairSource(scripted, Conflation.NONE, MOST_BYTES);

  @AfterEach
  void close() {
    source.close();
  }

  private static Document change(String collection, int number) {
    return new Document(
        Kind.DELETE,
        new Namespace("app", collection),
        new BsonInt32(number),
        List.of(),
        null,
        null,
        new ChangeTime(number, 0),
        0);
  }

  private static Batch<DocumentChange> batch(int number) {
    return new Batch<>(List.of(change("c", number)), "p" + number);
  }

  private List<DocumentChange> take(int count) throws Exception {
    List<DocumentChange> taken = new ArrayList<>();
    while (taken.size() < count) {
      taken.addAll(source.next(ALL, LONG).orElseThrow().changes());
    }
    return taken;
  }

  @Test
  void readsAheadNoFurtherThanItsBound() throws Exception {
    for (int i = 1; i <= 1000; i++) {
      scripted.batches.add(batch(i));
    }
    source.seek(Optional.of("p0"));
    int most = Math.ceilDiv(MOST_BYTES, change("c", 1).bytes());
    await().until(() -> scripted.reads.get() == most);
    assertThat(scripted.batches).hasSize(1000 - most);
    assertThat(take(1000)).hasSize(1000);
    assertThat(scripted.batches).isEmpty();
  }

  @Test
  void aFailureIsToldAfterWhatWasReadBeforeIt() throws Exception {
    scripted.batches.add(batch(1));
    scripted.failure = new PositionLostException("dropped");
    source.seek(Optional.of("p0"));
    assertThat(source.next(ALL, LONG)).contains(batch(1));
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> source.next(ALL, LONG)).isSameAs(scripted.failure);
    }
  }

  @Test
  void whatWasReadAndNotTakenIsForgottenByWhoSeeks() throws Exception {
    scripted.batches.add(batch(1));
    source.seek(Optional.of("p0"));
    await().until(() -> scripted.batches.isEmpty());
    source.seek(Optional.of("p7"));
    scripted.batches.add(batch(8));
    assertThat(source.next(ALL, LONG)).contains(batch(8));
    assertThat(scripted.sought).containsExactly("p0", "p7");
  }

  @Test
  void theSourceHearsOfWhatIsAcknowledgedFromOneThreadAtATime() throws Exception {
    scripted.batches.add(batch(1));
    scripted.batches.add(batch(2));
    source.seek(Optional.of("p0"));
    take(2);
    source.acknowledged("p2");
    scripted.batches.add(new Batch<>(List.of(), "p3"));
    assertThat(scripted.acknowledged.poll(20, TimeUnit.SECONDS)).isEqualTo("p2");
    source.acknowledged("p3");
    source.seek(Optional.of("p3"));
    assertThat(scripted.acknowledged).containsExactly("p3");
  }

  @Test
  void nothingWithinTheWaitIsNothing() throws Exception {
    source.seek(Optional.of("p0"));
    assertThat(source.next(ALL, Duration.ofMillis(10))).isEmpty();
  }

  @Test
  void closingEndsTheThreadThatReads() throws Exception {
    source.seek(Optional.of("p0"));
    await().until(() -> scripted.reader != null);
    Thread reader = Objects.requireNonNull(scripted.reader);
    source.close();
    assertThat(reader.join(LONG)).isTrue();
  }

  @Test
  void aPositionThatIsLostIsSoughtFromNowhereByNobody() throws Exception {
    assertThat(source.seek(Optional.empty())).isInstanceOf(Start.Renamed.class);
    assertThatThrownBy(() -> source.next(ALL, LONG)).isInstanceOf(IOException.class);
  }

  /** What it has is put in a queue, and then it fails, or waits. */
  private static final class Scripted implements Source<DocumentChange> {
    final BlockingQueue<Batch<DocumentChange>> batches = new LinkedBlockingQueue<>();
    final BlockingQueue<String> acknowledged = new LinkedBlockingQueue<>();
    final List<String> sought = new ArrayList<>();
    final AtomicInteger reads = new AtomicInteger();
    volatile @Nullable IOException failure;
    volatile @Nullable Thread reader;

    @Override
    public String name() {
      return "scripted";
    }

    @Override
    public Start<DocumentChange> seek(Optional<String> position) {
      position.ifPresent(sought::add);
      return position.isEmpty() ? new Start.Renamed<>() : new Start.Resumed<>();
    }

    @Override
    public Optional<Batch<DocumentChange>> next(int maxBytes, Duration wait)
        throws IOException, InterruptedException {
      reader = Thread.currentThread();
      IOException failed = failure;
      if (failed != null && batches.isEmpty()) {
        throw failed;
      }
      Batch<DocumentChange> batch = batches.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
      if (batch != null) {
        reads.incrementAndGet();
      }
      return Optional.ofNullable(batch);
    }

    @Override
    public void acknowledged(String position) {
      acknowledged.add(position);
    }

    @Override
    public Backlog backlog() {
      return Backlog.NONE;
    }

    @Override
    public void check() {}

    @Override
    public void close() {}
  }
}
