package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.Publisher.Receipt;
import io.oplog.client.Publisher.Stored;
import io.oplog.client.SourceStep;
import io.oplog.protocol.EventId;
import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchSenderTest {
  private final HotLog log = new HotLog();
  private final Notes notes = new Notes();

  /** A list, in which a producer changes one object just before each of the next batches. */
  private static final class HotLog implements SyncLog {
    private final List<Operation> operations = new ArrayList<>();
    private final OperationReader reader = new OperationReader(OperationLimits.DEFAULTS);
    private Optional<String> token = Optional.empty();
    private int changes;

    private EventId head() {
      return id(operations.size());
    }

    private Operation newest() {
      return operations.get(operations.size() - 1);
    }

    @Override
    public EventId states(Set<String> types, Changes heard) {
      throw new UnsupportedOperationException();
    }

    @Override
    public EventId follow(EventId after, long through, Changes heard) throws IOException {
      for (int i = (int) after.sequence(); i < operations.size(); i++) {
        heard.changed(id(i + 1), operations.get(i));
      }
      return head();
    }

    @Override
    public Optional<String> position(String source) {
      return token;
    }

    @Override
    public Receipt send(byte[] ndjson, SourceStep step) throws IOException {
      if (changes > 0) {
        changes--;
        operations.add(operation("hot", 1000 + operations.size()));
      }
      try {
        reader.readNdjson(ndjson, 0, ndjson.length, 0, operations::add);
      } catch (InvalidOperationException e) {
        throw new IOException(e);
      }
      token = Optional.of(step.to());
      return new Stored(Optional.of(head().toString()));
    }

    @Override
    public Receipt move(SourceStep step) {
      token = Optional.of(step.to());
      return new Stored(Optional.empty());
    }
  }

  /** What was said. */
  private static final class Notes implements SyncProgress {
    private final List<String> texts = new ArrayList<>();

    @Override
    public void note(String text) {
      texts.add(text);
    }
  }

  private static EventId id(int sequence) {
    return new EventId(100, 1, sequence);
  }

  private static Operation operation(String id, long millis) {
    return new Operation(OperationKind.UPDATE, "video", id, List.of(), millis);
  }

  /** A run that knows the log up to its end. */
  private BatchSender sender(int most) {
    return new BatchSender(log, most, log.head(), log.token, new ObjectSet(1000), notes);
  }

  /** Far more often than one call for each batch would leave room for on a stack. */
  @Test
  void anObjectThatChangesBesideEachBatchEndsTheRun() {
    log.changes = 100_000;
    assertThatThrownBy(() -> sender(10).send(List.of(operation("hot", 1))))
        .isInstanceOf(TryAgainException.class)
        .hasMessageContaining("video/hot")
        .hasMessageContaining("changes faster than can be followed");
    assertThat(log.operations).hasSize(202);
  }

  @Test
  void theNextRunFinishesWhatTheEndedOneHasLeft() throws Exception {
    log.changes = 101;
    assertThatThrownBy(() -> sender(10).send(List.of(operation("hot", 1))))
        .isInstanceOf(TryAgainException.class);
    Operation newest = log.operations.get(200);
    BatchSender next = sender(10);
    next.recover(Standing.parse(log.token.orElseThrow()));
    assertThat(log.newest()).isEqualTo(newest).isNotEqualTo(log.operations.get(201));
    assertThat(next.repeated()).isEqualTo(1);
    assertThat(Standing.parse(log.token.orElseThrow()).unfinished()).isEmpty();
    assertThat(notes.texts).isEmpty();
  }

  @Test
  void anObjectThatChangesBesideAHundredBatchesIsFollowed() throws Exception {
    log.changes = 100;
    BatchSender sender = sender(10);
    assertThat(sender.send(List.of(operation("hot", 1)))).isEqualTo(1);
    assertThat(sender.repeated()).isEqualTo(100);
    assertThat(log.newest()).isEqualTo(log.operations.get(198));
  }

  /** Two operations that batches of one send again, and more batches are left than a token has. */
  @Test
  void unfinishedBatchesThatTheLogCannotRememberAreTold() throws Exception {
    List<Operation> ours = List.of(operation("a", 1), operation("b", 1));
    List<Operation> others = List.of(operation("a", 2), operation("b", 2));
    log.operations.addAll(others);
    log.operations.addAll(ours);
    List<Window> windows = Collections.nCopies(Standing.MOST_WINDOWS, Window.of(id(0), ours));
    sender(1).recover(Standing.of(windows));
    assertThat(log.operations.subList(4, 6)).isEqualTo(others);
    assertThat(notes.texts)
        .singleElement()
        .asString()
        .contains("19 batches are unfinished, and the log remembers only 18", "the 1 oldest");
  }
}
