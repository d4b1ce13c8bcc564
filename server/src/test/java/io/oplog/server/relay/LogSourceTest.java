package io.oplog.server.relay;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.engine.Engine;
import io.oplog.core.engine.EngineOptions;
import io.oplog.core.engine.IngestCompletion;
import io.oplog.core.engine.Ingester.Offer;
import io.oplog.core.memory.MemoryStore;
import io.oplog.core.relay.LogSource;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import io.oplog.testkit.relay.SourceContract;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogSourceTest extends SourceContract<Operation> {
  private final MemoryStore store = new MemoryStore();
  private final Engine engine = Engine.start(store, EngineOptions.defaults());
  private final AtomicLong keptAfter = new AtomicLong(-1);

  @AfterEach
  void closeEngine() {
    engine.close();
    store.close();
  }

  @Override
  protected Source<Operation> open() {
    return new LogSource(store, engine, keptAfter::set);
  }

  @Override
  protected void produce(String... ids) {
    for (String id : ids) {
      CompletableFuture<Outcome> stored = new CompletableFuture<>();
      assertThat(
              engine
                  .ingester()
                  .offer(
                      submission(insert("video", id)),
                      new IngestCompletion() {
                        @Override
                        public void completed(Outcome outcome) {
                          stored.complete(outcome);
                        }

                        @Override
                        public void failed(StoreException cause) {
                          stored.completeExceptionally(cause);
                        }
                      }))
          .isEqualTo(Offer.ACCEPTED);
      stored.join();
    }
  }

  @Override
  protected String id(Operation change) {
    return change.id();
  }

  /** With it the next start recognises its own position. */
  @Test
  void theLogKeepsWhatIsNotAcknowledgedAndTheNewestThatIs() throws Exception {
    Source<Operation> source = open();
    assertThat(keptAfter.get()).isZero();
    produce("a", "b", "c");
    source.seek(Optional.empty());
    String to = read(source);
    source.acknowledged(to);
    assertThat(keptAfter.get()).isEqualTo(2);
    Source<Operation> again = open();
    assertThat(keptAfter.get()).isZero();
    again.seek(Optional.of(to));
    assertThat(keptAfter.get()).isEqualTo(2);
  }

  /** The same place in another history: the log was put back, and went on with others. */
  @Test
  void anOperationOfAnotherTimeAtTheSamePlaceIsNotItsOwn() throws Exception {
    Source<Operation> source = open();
    produce("a", "b");
    source.seek(Optional.empty());
    String to = read(source);
    EventId id = EventId.parse(to.substring(0, EventId.LENGTH));
    String tag = to.substring(EventId.LENGTH);
    assertThat(source.seek(Optional.of(to))).isInstanceOf(Start.Resumed.class);
    EventId ahead = new EventId(id.seconds(), id.incarnation(), id.sequence() + 1);
    assertThat(source.seek(Optional.of(ahead + tag))).isInstanceOf(Start.Renamed.class);
    String renamed = read(source).substring(EventId.LENGTH);
    EventId other = new EventId(id.seconds() - 1, id.incarnation(), id.sequence());
    assertThat(source.seek(Optional.of(other + renamed))).isInstanceOf(Start.Renamed.class);
  }

  private static String read(Source<Operation> source) throws Exception {
    return source.next(1 << 20, Duration.ofSeconds(30)).orElseThrow().to();
  }

  /** Both have the same ids, of the same seconds. */
  @Test
  void aCopyThatPassedOnTheSameIdsIsToldApart() throws Exception {
    Source<Operation> first = open();
    first.name();
    Source<Operation> copy = open();
    produce("a", "b");
    String name = copy.name();
    assertThat(first.name()).isEqualTo(name);
    first.seek(Optional.empty());
    copy.seek(Optional.empty());
    String passedOn = read(first);
    assertThat(copy.seek(Optional.of(passedOn))).isInstanceOf(Start.Renamed.class);
    assertThat(copy.name()).isNotEqualTo(name);
  }
}
