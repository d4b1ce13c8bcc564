package io.oplog.server.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.OperationLines;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.Operations;
import io.oplog.testkit.ReadEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The source with its objects, the log that is to agree with it, and the producer between the two,
 * who forgets operations, sends them late, and sends them twice.
 */
final class World {
  private static final int OBJECTS = 9;

  private final Random random;
  private final ManualClock clock = new ManualClock();
  private final MemoryStore store;

  /** The newest operation of each object, deletes included: what the source knows. */
  private final Map<String, Operation> truth = new TreeMap<>();

  /** Of each object the producer's operation that came last. */
  private final Map<String, Operation> produced = new HashMap<>();

  private boolean hears = true;
  private final List<Operation> late = new ArrayList<>();

  World(Random random) {
    this.random = random;
    Retention shortLog =
        new Retention(Duration.ofHours(1), Long.MAX_VALUE, Duration.ofDays(365_000));
    this.store = new MemoryStore(clock, random.nextBoolean() ? Retention.FOREVER : shortLog);
  }

  MemoryStore store() {
    return store;
  }

  // ---- the source and its producer ----

  void step() {
    clock.pass(Duration.ofMillis(1 + random.nextInt(1500)));
    if (random.nextInt(4) == 0 && !late.isEmpty()) {
      produce(late.remove(random.nextInt(late.size())));
      return;
    }
    change(OBJECTS);
  }

  private void change(int objects) {
    int number = random.nextInt(objects);
    String type = number < OBJECTS / 3 ? "user" : "video";
    Operation before = truth.get(type + "/" + number);
    boolean lives = before != null && before.kind() != OperationKind.DELETE;
    OperationKind kind =
        !lives
            ? OperationKind.INSERT
            : random.nextBoolean() ? OperationKind.UPDATE : OperationKind.DELETE;
    Operation operation = new Operation(kind, type, "" + number, parents(), clock.wallMillis());
    truth.put(type + "/" + number, operation);
    tell(operation);
  }

  private List<String> parents() {
    return IntStream.range(0, random.nextInt(3)).mapToObj(n -> "p" + random.nextInt(4)).toList();
  }

  /** Nothing that changes is told until the producer {@link #listens}. */
  void isDeaf() {
    hears = false;
  }

  void listens() {
    hears = true;
  }

  private void tell(Operation operation) {
    int luck = random.nextInt(10);
    if (!hears || luck < 2) {
      return; // lost
    }
    if (luck < 5) {
      late.add(operation);
    }
    if (luck > 3) {
      produce(operation);
    }
  }

  private void produce(Operation operation) {
    try {
      var _ = store.append(List.of(new Submission(Operations.frames(operation), null)));
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
    produced.put(name(operation), operation);
  }

  /** What was not sent yet never will be, and something changes after everything else. */
  void comeToRest() {
    late.clear();
    clock.pass(Duration.ofSeconds(1));
    Operation last =
        new Operation(OperationKind.UPDATE, "user", "last", List.of(), clock.wallMillis());
    truth.put("user/last", last);
    Operation video =
        new Operation(OperationKind.UPDATE, "video", "last", List.of(), clock.wallMillis());
    truth.put("video/last", video);
    clock.pass(Duration.ofSeconds(1));
  }

  /** Most of the log goes. */
  void forget() throws StoreException {
    clock.pass(Duration.ofHours(2));
    store.enforceRetention();
  }

  // ---- dumps ----

  /**
   * A dump.
   *
   * @param lines in any order
   * @param begun when it was begun
   */
  record Dump(List<Operation> lines, long begun) {
    byte[] bytes() {
      OperationLines text = new OperationLines();
      lines.forEach(text::addState);
      return Arrays.copyOf(text.bytes(), text.length());
    }
  }

  /** A dump, which the source may go on changing under. */
  Dump dump(boolean still) {
    long begun = clock.wallMillis();
    List<String> names = new ArrayList<>(truth.keySet());
    Collections.shuffle(names, random);
    List<Operation> lines = new ArrayList<>();
    for (String name : names) {
      Operation operation = Objects.requireNonNull(truth.get(name));
      if (operation.kind() != OperationKind.DELETE) {
        lines.add(operation);
      }
      if (!still && random.nextInt(4) == 0) {
        step();
      }
    }
    return new Dump(lines, begun);
  }

  // ---- what must hold ----

  /** What the log says of each object. */
  private Map<String, Operation> states() throws StoreException {
    StateRead all = new StateRead(0, 0, 0, 0, FrameFilter.ALL, 1 << 20, true);
    Map<String, Operation> states = new TreeMap<>();
    for (ReadEvent event : ReadEvent.of(((StatePage.Read) store.readStates(all)).frames())) {
      states.put(event.object(), event.operation());
    }
    return states;
  }

  /**
   * Where the producer's last word is the source's last word, it is the log's, whatever was synced:
   * nothing that lives is deleted, and nothing deleted comes back.
   */
  void assertNothingRightWasUndone() throws StoreException {
    Map<String, Operation> states = states();
    truth.forEach((name, last) -> {
      if (last.equals(produced.get(name))) {
        assertThat(essence(states.get(name))).as(name).isEqualTo(essence(last));
      }
    });
  }

  /** Everything is mended. */
  void assertLogIsSource() throws StoreException {
    assertThat(living(states())).isEqualTo(living(truth));
  }

  private static Map<String, String> living(Map<String, Operation> objects) {
    Map<String, String> living = new TreeMap<>();
    objects.forEach((name, operation) -> {
      if (operation.kind() != OperationKind.DELETE) {
        living.put(name, essence(operation));
      }
    });
    return living;
  }

  /** Of a deletion only that it is one: a source does not keep when. */
  private static String essence(@Nullable Operation operation) {
    if (operation == null) {
      return "nothing";
    }
    return operation.kind() == OperationKind.DELETE
        ? "deleted"
        : operation.timestampMillis() + " " + operation.parents();
  }

  private static String name(Operation operation) {
    return operation.type() + "/" + operation.id();
  }
}
