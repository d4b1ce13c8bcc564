package io.oplog.testkit.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.Filter;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.Operations;
import io.oplog.testkit.ReadEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** One seed's run of random steps. */
public final class ModelRun implements AutoCloseable {

  /** The store under test, and what can be done to it. */
  public interface Subject extends AutoCloseable {

    /** The store as it is open now; where several are open on one log, any of them each time. */
    Store store();

    /** Lets the states follow the log up to a sequence; does nothing where they follow at once. */
    void limitFold(long sequence);

    /** Whether the store outlives a restart. */
    boolean outlivesRestarts();

    /** Stops the store, cleanly or not, and opens it again, the states not following yet. */
    void restart(boolean cleanly) throws StoreException, IOException;

    /** Keeps a copy of the store, as a backup does; the states do not follow after it. */
    void backUp() throws StoreException, IOException;

    /** Puts the copy in the place of the store; the states do not follow after it. */
    void restore() throws StoreException, IOException;

    @Override
    void close() throws StoreException;
  }

  /** Opens the subject. */
  public interface Opening {
    Subject open(ManualClock clock, Retention retention) throws StoreException;
  }

  private static final List<OperationKind> KINDS = List.of(OperationKind.values());
  private static final int OBJECTS = 12;
  private static final int PARENTS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Random random;
  private final Tally tally;
  private final ManualClock clock = new ManualClock();
  private final Subject subject;
  private final List<Consumer> consumers = new ArrayList<>();
  private Model model = new Model();
  private Model backup = new Model();
  private boolean hasBackup;
  private boolean foldPaused;

  public ModelRun(long seed, Tally tally, Opening opening) throws StoreException {
    this.random = new Random(seed);
    this.tally = tally;
    this.subject = opening.open(clock, retention());
    for (Filter filter : filters()) {
      consumers.add(new Consumer(filter, tally));
    }
  }

  private Retention retention() {
    return switch (random.nextInt(3)) {
      case 0 -> new Retention(Duration.ZERO, Long.MAX_VALUE, Duration.ZERO);
      case 1 -> new Retention(Duration.ofMinutes(20), Long.MAX_VALUE, Duration.ofMinutes(40));
      default -> new Retention(Duration.ofHours(9), 4000, Duration.ofMinutes(random.nextInt(90)));
    };
  }

  private static List<Filter> filters() {
    return List.of(
        Filter.ALL,
        Filter.ALL,
        new Filter(Set.of("video"), Set.of()),
        new Filter(Set.of(), Set.of("user/0", "user/1")),
        new Filter(Set.of(), Set.of("user/2")),
        new Filter(Set.of("user"), Set.of("user/0", "user/3")));
  }

  public void steps(int count) throws StoreException, IOException {
    for (int i = 0; i < count; i++) {
      step();
    }
    for (Consumer consumer : consumers) {
      consumer.connectToTheEnd(store(), model, random, new Quiet());
    }
    compareLog();
    compareStates();
  }

  private Store store() {
    return subject.store();
  }

  private void step() throws StoreException, IOException {
    int choice = random.nextInt(100);
    if (choice < 35) {
      append();
    } else if (choice < 65) {
      connect();
    } else if (choice < 73) {
      moveClock();
    } else if (choice < 85) {
      dropOld(store());
    } else if (choice < 92) {
      pauseOrResumeFold();
    } else if (choice < 94) {
      compareLog();
    } else if (choice < 96) {
      compareStates();
    } else if (subject.outlivesRestarts()) {
      restart();
    }
  }

  private void append() throws StoreException {
    List<Submission> submissions = new ArrayList<>();
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      FrameEncoder encoder = new FrameEncoder();
      for (int k = 0; k <= random.nextInt(6); k++) {
        Operation operation = operation();
        operations.add(operation);
        encoder.add(operation);
      }
      submissions.add(new Submission(encoder.take(), null));
    }
    Store store = store();
    List<Outcome> outcomes = store.append(submissions);
    assertThat(outcomes).hasSameSizeAs(submissions);
    long millis = store.bounds().headMillis();
    operations.forEach(operation -> model.add(millis, operation));
    assertThat(store.bounds().head()).isEqualTo(model.head());
  }

  private Operation operation() {
    OperationKind kind = KINDS.get(random.nextInt(KINDS.size()));
    String type = random.nextBoolean() ? "video" : "user";
    String[] parents = new String[random.nextInt(3)];
    for (int i = 0; i < parents.length; i++) {
      parents[i] = "user/" + random.nextInt(PARENTS);
    }
    return Operations.of(kind, type, "x\"" + random.nextInt(OBJECTS), parents);
  }

  private void connect() throws StoreException {
    Consumer consumer = consumers.get(random.nextInt(consumers.size()));
    if (foldPaused) {
      tally.count("connected while the fold is paused");
    }
    if (random.nextInt(4) == 0) {
      consumer.connectToTheEnd(store(), model, random, new Quiet());
    } else {
      consumer.connectAndBeCut(store(), model, random, new Busy());
    }
  }

  /** Nobody does anything but the states follow. */
  private class Quiet implements Consumer.World {
    @Override
    public void goesOn() throws StoreException {}

    @Override
    public void foldMoves() throws StoreException {
      limitFold(store().bounds().folded() + 1 + random.nextInt(4));
    }
  }

  /** Others go on meanwhile. */
  private final class Busy extends Quiet {
    @Override
    public void goesOn() throws StoreException {
      append();
      moveClock();
      dropOld(store());
    }
  }

  /** May meet the fold of the same object, and then says so. */
  private void dropOld(Store store) throws StoreException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        store.enforceRetention();
        return;
      } catch (StoreException.Unavailable e) {
        tally.count("retention tried again");
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  private void moveClock() {
    switch (random.nextInt(6)) {
      case 0 -> step(Duration.ofMinutes(-random.nextInt(60)), "clock: back");
      case 1 -> step(Duration.ofMinutes(random.nextInt(9)), "clock: ahead");
      case 2 -> step(Duration.ofMinutes(11 + random.nextInt(60)), "clock: jumped");
      default -> clock.pass(Duration.ofMillis(random.nextInt(3_600_000)));
    }
  }

  private void step(Duration by, String what) {
    clock.step(by);
    tally.count(what);
  }

  private void pauseOrResumeFold() throws StoreException {
    if (foldPaused) {
      resumeFold();
    } else {
      tally.count("fold paused");
      foldPaused = true;
      limitFold(store().bounds().folded() + random.nextInt(5));
    }
  }

  /** Lets the states follow again, and waits until they have. */
  private void resumeFold() throws StoreException {
    foldPaused = false;
    limitFold(Long.MAX_VALUE);
  }

  /** Lets the states follow up to there, and waits until they have. */
  private void limitFold(long sequence) throws StoreException {
    subject.limitFold(sequence);
    Store store = store();
    long end = Math.min(sequence, store.latestBounds().head());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (store.bounds().folded() < end) {
      assertThat(System.nanoTime() - deadline)
          .as("the fold stands at %s, not %s", store.bounds(), end)
          .isNegative();
      LockSupport.parkNanos(50_000);
    }
  }

  private void restart() throws StoreException, IOException {
    int choice = random.nextInt(10);
    if (choice < 5) {
      boolean cleanly = random.nextBoolean();
      tally.count(cleanly ? "restart" : "kill");
      subject.restart(cleanly);
    } else if (choice < 8 || !hasBackup) {
      tally.count("backup");
      subject.backUp();
      backup = model.copy();
      hasBackup = true;
    } else {
      restore();
    }
    foldPaused = true;
    assertThat(store().latestBounds().head()).isEqualTo(model.head());
    comeBack();
    if (random.nextInt(3) > 0) {
      resumeFold();
    }
  }

  /** Consumers that were cut go on while the states are behind what some have seen of them. */
  private void comeBack() throws StoreException {
    for (Consumer consumer : consumers) {
      if (random.nextInt(3) == 0) {
        consumer.connectToTheEnd(store(), model, random, new Quiet());
      }
    }
  }

  /** An operator's clock is right when he does this: later than all that was committed. */
  private void restore() throws StoreException, IOException {
    tally.count("restore");
    long behind = store().latestBounds().headMillis() - clock.wallMillis();
    clock.step(Duration.ofMillis(Math.max(0, behind) + 2000));
    subject.restore();
    model = backup.copy();
    consumers.forEach(Consumer::historyLost);
  }

  private void compareLog() throws StoreException {
    Store store = store();
    dropOld(store); // so that it knows what others have dropped
    assertThat(store.latestBounds().head()).isEqualTo(model.head());
    long after = store.bounds().first() - 1;
    while (after < store.bounds().head()) {
      LogPage.Read page = (LogPage.Read) store.readLog(after, 1 + random.nextInt(2000));
      for (ReadEvent event : ReadEvent.of(page.frames())) {
        after++;
        Model.Entry entry = model.at(after);
        assertThat(event.sequence()).isEqualTo(after);
        assertThat(event.operation()).isEqualTo(entry.operation());
        assertThat(event.seconds()).isEqualTo(entry.millis() / 1000);
      }
    }
    tally.count("log compared");
  }

  /** Every object that exists under its last position, and every tombstone that must be kept. */
  private void compareStates() throws StoreException {
    resumeFold();
    Store store = store();
    dropOld(store); // so that it knows what others have dropped
    long floor = store.bounds().floor().sequence();
    Map<Long, String> expected = new TreeMap<>();
    for (Model.Entry entry : model.lastOf(model.head()).values()) {
      if (!entry.deleted() || entry.sequence() > floor) {
        expected.put(entry.sequence(), entry.object() + (entry.deleted() ? " delete" : " insert"));
      }
    }
    assertThat(readStates(store, floor)).isEqualTo(expected);
    tally.count("states compared");
  }

  private Map<Long, String> readStates(Store store, long floor) throws StoreException {
    Map<Long, String> states = new TreeMap<>();
    long after = 0;
    while (true) {
      StateRead read = new StateRead(after, 0, 0, floor, FrameFilter.ALL, 1 + random.nextInt(2000));
      StatePage.Read page = (StatePage.Read) store.readStates(read);
      for (ReadEvent event : ReadEvent.of(page.frames())) {
        states.put(event.sequence(), event.object() + " " + event.kind().wireName());
      }
      if (page.atFold()) {
        return states;
      }
      after = page.through();
    }
  }

  @Override
  public void close() throws StoreException {
    subject.close();
  }
}
