package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.IngestClient.Receipt;
import io.oplog.client.IngestClient.Stored;
import io.oplog.client.RefusedException;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchSenderTest {
  private final HotLog log = new HotLog();
  private final Notes notes = new Notes();
  private final Refusals refusals = new Refusals(notes);

  /** A list, in which a producer changes one object just before each of the next batches. */
  private static class HotLog implements SyncLog {
    private final List<Operation> operations = new ArrayList<>();
    private final OperationReader reader = new OperationReader(OperationLimits.DEFAULTS);
    private Optional<String> token = Optional.empty();
    private int changes;
    private int batches;
    private Predicate<Operation> refused = operation -> false;

    private EventId head() {
      return id(operations.size());
    }

    private Operation newest() {
      return operations.get(operations.size() - 1);
    }

    @Override
    public EventId end() {
      throw new UnsupportedOperationException("a sender does not ask");
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
      batches++;
      List<Operation> batch = new ArrayList<>();
      try {
        reader.readNdjson(ndjson, 0, ndjson.length, 0, batch::add);
      } catch (InvalidOperationException e) {
        throw new IOException(e);
      }
      for (int i = 0; i < batch.size(); i++) {
        if (refused.test(batch.get(i))) {
          throw RefusedException.ofLine(i + 1, "not this one");
        }
      }
      operations.addAll(batch);
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
    private int ours;
    private int repeated;

    @Override
    public void stored(int more, int others) {
      ours += more;
      repeated += others;
    }

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
    return new BatchSender(
        log, most, log.head(), log.token, new ForeignChanges(1000), refusals, notes);
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
    assertThat(notes.ours).isEqualTo(1);
    assertThat(notes.repeated).isEqualTo(101);
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

  /** All that is done with, as often as it takes. */
  private static int sendAll(BatchSender sender, List<Operation> operations) throws Exception {
    int done = 0;
    while (done < operations.size()) {
      done += sender.send(operations.subList(done, operations.size()));
    }
    return done;
  }

  private static List<Operation> operations(int count) {
    return IntStream.range(0, count).mapToObj(n -> operation("n" + n, n)).toList();
  }

  @Test
  void whatTheServerRefusesIsLeftOutAndNamed() throws Exception {
    log.refused = operation -> operation.timestampMillis() % 10 == 3;
    BatchSender sender = sender(20);
    assertThat(sendAll(sender, operations(100))).isEqualTo(100);
    assertThat(log.operations)
        .isEqualTo(operations(100).stream().filter(log.refused.negate()).toList());
    assertThat(sender.sent()).isEqualTo(90);
    assertThat(refusals.types()).isEqualTo(Map.of("video", 10L));
    assertThat(notes.texts).hasSize(10).contains("video/n13 is left out: not this one");
  }

  /** One after the other is named by a server that has all of a batch to look at. */
  @Test
  void aServerThatRefusesEverythingIsNotSentLargeBatchesForEver() throws Exception {
    log.refused = operation -> true;
    assertThat(sendAll(sender(1000), operations(3000))).isEqualTo(3000);
    assertThat(log.operations).isEmpty();
    assertThat(log.batches).isEqualTo(3000);
    assertThat(notes.texts).hasSize(11).last().asString().contains("only the first 10 are named");
  }

  /** Which are about something else than objects then. */
  @Test
  void refusalsWithoutEndEndTheRunAsRefused() {
    log.refused = operation -> true;
    BatchSender sender =
        new BatchSender(
            log, 10, id(0), Optional.empty(), new ForeignChanges(9), new Refusals(notes, 2), notes);
    assertThatThrownBy(() -> sendAll(sender, operations(5)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("not this one");
    assertThat(notes.texts).hasSize(2);
  }

  @Test
  void moreChangesOfOthersThanCanBeRememberedEndTheRun() {
    log.operations.addAll(operations(4));
    BatchSender sender =
        new BatchSender(log, 10, id(0), Optional.empty(), new ForeignChanges(3), refusals, notes);
    assertThatThrownBy(sender::catchUp)
        .isInstanceOf(TryAgainException.class)
        .hasMessage("more than 3 objects changed during the run; run again");
  }

  @Test
  void bothOperationsOfAnObjectAreLeftOut() throws Exception {
    List<Operation> ours = List.of(operation("x", 1), operation("x", 2), operation("y", 3));
    log.refused = operation -> operation.timestampMillis() == 1;
    sendAll(sender(10), ours);
    assertThat(log.operations).containsExactly(operation("y", 3));
  }

  /** The limits of the server were lowered since. */
  @Test
  void anOverwrittenOperationThatIsRefusedIsNamedAndOthersAreSentAgain() throws Exception {
    List<Operation> ours = List.of(operation("a", 1), operation("b", 1), operation("c", 1));
    List<Operation> others = List.of(operation("a", 2), operation("b", 2), operation("c", 2));
    log.operations.addAll(others);
    log.operations.addAll(ours);
    log.refused = operation -> operation.equals(operation("b", 2));
    BatchSender sender = sender(10);
    sender.recover(Standing.of(List.of(Window.of(id(0), ours))));
    assertThat(log.operations.subList(6, log.operations.size()))
        .containsExactly(operation("a", 2), operation("c", 2));
    assertThat(sender.repeated()).isEqualTo(2);
    assertThat(notes.texts).containsExactly("video/b is left out: not this one");
    assertThat(Standing.parse(log.token.orElseThrow()).unfinished()).isEmpty();
  }

  @Test
  void aRefusalOfALineThatWasNotSentEndsTheRun() {
    HotLog other =
        new HotLog() {
          @Override
          public Receipt send(byte[] ndjson, SourceStep step) throws IOException {
            throw RefusedException.ofLine(2, "of somebody else");
          }
        };
    assertThatThrownBy(() ->
            new BatchSender(
                    other, 10, id(0), Optional.empty(), new ForeignChanges(9), refusals, notes)
                .send(operations(1)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("line 2: of somebody else");
    assertThat(notes.texts).isEmpty();
  }
}
