package io.oplog.testkit.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.engine.ResetReason;
import io.oplog.core.engine.StreamStart;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.Frames;
import io.oplog.protocol.OperationKind;
import io.oplog.testkit.ReadEvent;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A consumer as the protocol describes it: it keeps what it was told of, and the id of the last
 * event. Each connection may be cut after any event.
 *
 * <p>The log is read unfiltered, for live a producer that moves an object names the old parents
 * too, which the model's operations do not; states come through the store's filter.
 */
final class Consumer {
  private final Filter filter;
  private final Tally tally;
  private final Map<String, List<String>> mirror = new TreeMap<>();

  /** The last event's id; null when it must ask for everything. */
  private @Nullable EventId last;

  /** Up to where the mirror is whole, when it was at a connection's end; else -1. */
  private long wholeAt = -1;

  /** Whether it was cut among states, objects with later operations still to come. */
  private boolean amongStates;

  private long budget;
  private long position;

  Consumer(Filter filter, Tally tally) {
    this.filter = filter;
    this.tally = tally;
  }

  /** What goes on around a consumer that reads. */
  interface World {
    /** Others do something. */
    void goesOn() throws StoreException;

    /** The states follow the log a bit further; awaited by a consumer that has read them all. */
    void foldMoves() throws StoreException;
  }

  /** Connects in one of the ways that are right for what it holds, and reads to the end. */
  void connectToTheEnd(Store store, Model model, Random random, World world) throws StoreException {
    budget = Long.MAX_VALUE;
    connect(store, model, random, world);
  }

  /** The same, while others go on, and is cut after a few events. */
  void connectAndBeCut(Store store, Model model, Random random, World world) throws StoreException {
    budget = 1L + random.nextInt(random.nextBoolean() ? 4 : 30); // often among the states
    connect(store, model, random, world);
  }

  private void connect(Store store, Model model, Random random, World world) throws StoreException {
    Cursor cursor = cursor(store, model, random);
    StreamStart start = StreamStart.resolve(store, cursor);
    tallyRow(store, cursor, start);
    position = 0;
    wholeAt = -1;
    @Nullable StreamStart next = from(store, start);
    while (next != null && budget > 0) {
      if (random.nextInt(4) == 0) {
        world.goesOn();
      }
      next = read(store, next, random, world);
    }
    if (budget > 0) {
      assertThat(mirror).as("what a consumer of %s holds", filter).isEqualTo(model.objects(filter));
      wholeAt = store.bounds().head();
      tally.count("consumer is whole");
    }
  }

  /** Live is the log from its head at connect: what others do meanwhile is part of it. */
  private static StreamStart from(Store store, StreamStart start) {
    Bounds bounds = store.bounds();
    return start instanceof StreamStart.Live
        ? new StreamStart.Log(bounds.head(), bounds.headSecond(), Long.MAX_VALUE)
        : start;
  }

  private Cursor cursor(Store store, Model model, Random random) {
    int choice = random.nextInt(20);
    if (last == null || choice == 0) {
      mirror.clear();
      return new Cursor.Beginning();
    }
    if (choice == 1) {
      return foreign(last, store);
    }
    if (wholeAt == store.bounds().head() && choice < 5) {
      return new Cursor.Now();
    }
    if (wholeAt == store.bounds().head() && choice < 7) {
      return new Cursor.Since(store.bounds().headMillis() + 1 + random.nextInt(100_000));
    }
    if (wholeAt > 0 && wholeAt <= model.head() && choice < 10) {
      return new Cursor.Since(model.at(wholeAt).millis());
    }
    return new Cursor.After(last);
  }

  private static Cursor foreign(EventId id, Store store) {
    int other = store.incarnation() % EventId.MAX_INCARNATION + 1;
    return new Cursor.After(new EventId(id.seconds(), other, id.sequence()));
  }

  private void tallyRow(Store store, Cursor cursor, StreamStart start) {
    tally.count(
        switch (cursor) {
          case Cursor.Now _ -> "row: from now";
          case Cursor.Beginning _ -> "row: 0";
          case Cursor.Since _ -> since((StreamStart.States) start);
          case Cursor.After after -> after(store, after.id(), start);
        });
  }

  private static String since(StreamStart.States start) {
    return start.committedFromMillis() == 0 ? "row: milliseconds to come" : "row: milliseconds";
  }

  private static String after(Store store, EventId id, StreamStart start) {
    return switch (start) {
      case StreamStart.Log _ -> "row: id in the log";
      case StreamStart.States _ when store.bounds().inLog(id.sequence()) ->
          "row: id in the log with later seconds";
      case StreamStart.States _ -> "row: id that left the log";
      case StreamStart.Reset reset -> "row: reset for " + reset.reason().wireName();
      case StreamStart.Live _ -> "impossible";
    };
  }

  /** Reads a page; null at the head of the log. */
  private @Nullable StreamStart read(Store store, StreamStart start, Random random, World world)
      throws StoreException {
    return switch (start) {
      case StreamStart.Live _ -> null;
      case StreamStart.Log log -> readLog(store, log, random);
      case StreamStart.States states -> readStates(store, states, random, world);
      case StreamStart.Reset reset -> {
        reset(store, reset);
        yield reset.states();
      }
    };
  }

  private void reset(Store store, StreamStart.Reset reset) {
    tally.count("reset: " + reset.reason().wireName());
    mirror.clear();
    position = 0;
    amongStates = false;
    told(new EventId(reset.states().since(), store.incarnation(), 0));
  }

  private @Nullable StreamStart readLog(Store store, StreamStart.Log log, Random random)
      throws StoreException {
    return switch (store.readLog(log.after(), pageBytes(random))) {
      case LogPage.Trimmed _ -> {
        tally.count("place overwritten while reading");
        yield new StreamStart.States(log.after(), 0, log.since(), 0, store.bounds().head());
      }
      case LogPage.Read read when read.frames().count() == 0 ->
          store.latestBounds().head() > log.after() ? log : null; // by another agent meanwhile
      case LogPage.Read read -> {
        long after = apply(read.frames());
        yield new StreamStart.Log(after, log.since(), log.liveAt());
      }
    };
  }

  private static int pageBytes(Random random) {
    return 1 + random.nextInt(3000);
  }

  private @Nullable StreamStart readStates(
      Store store, StreamStart.States from, Random random, World world) throws StoreException {
    StateRead read =
        new StateRead(
            from.after(),
            from.committedFromMillis(),
            from.since(),
            from.ignoreDeletesThrough(),
            new FrameFilter(filter),
            pageBytes(random));
    return switch (store.readStates(read)) {
      case StatePage.FoldBehind _ -> {
        tally.count("states behind what was seen of them");
        world.foldMoves();
        yield from;
      }
      case StatePage.FloorPassed _ -> StreamStart.reset(store, ResetReason.DELETES_DROPPED);
      case StatePage.Read page -> afterStates(store, from, page, world);
    };
  }

  private @Nullable StreamStart afterStates(
      Store store, StreamStart.States from, StatePage.Read page, World world)
      throws StoreException {
    amongStates = true;
    apply(page.frames());
    if (budget <= 0) {
      return null;
    }
    if (!page.atFold() || page.through() < from.target()) {
      if (page.atFold()) {
        world.foldMoves();
      }
      return from.at(page.through(), page.throughSecond());
    }
    long since = Math.max(from.since(), page.throughSecond());
    assertThat(page.through()).isGreaterThanOrEqualTo(position);
    amongStates = false;
    told(new EventId(since, store.incarnation(), page.through()));
    return new StreamStart.Log(page.through(), since, Long.MAX_VALUE);
  }

  /** Takes events until it is cut; returns the last position. */
  private long apply(Frames frames) {
    for (ReadEvent event : ReadEvent.of(frames)) {
      if (budget <= 0) {
        return position;
      }
      assertThat(event.sequence()).as("positions rise").isGreaterThan(position);
      position = event.sequence();
      if (event.kind() == OperationKind.DELETE || !Model.passes(filter, event.operation())) {
        mirror.remove(event.object());
      } else {
        mirror.put(event.object(), event.operation().parents());
      }
      told(event.id());
    }
    return position;
  }

  private void told(EventId id) {
    last = id;
    budget--;
  }

  /**
   * The history it followed was lost. Of states that were read there an id does not tell which
   * objects had moved to operations that are lost now: the protocol knows only ids of operations,
   * so a consumer that was cut among states asks for everything.
   */
  void historyLost() {
    wholeAt = -1;
    if (amongStates) {
      last = null;
    }
  }
}
