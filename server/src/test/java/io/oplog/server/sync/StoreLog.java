package io.oplog.server.sync;

import io.oplog.client.IngestClient.Elsewhere;
import io.oplog.client.IngestClient.Receipt;
import io.oplog.client.IngestClient.Stored;
import io.oplog.client.RefusedException;
import io.oplog.client.SourceStep;
import io.oplog.client.sync.HistoryLostException;
import io.oplog.client.sync.SyncLog;
import io.oplog.core.engine.ResetReason;
import io.oplog.core.engine.StreamStart;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.Frames;
import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import io.oplog.testkit.ReadEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store read in small pages and written to as the engine does, by one thread. Between any two
 * steps something else may happen.
 */
final class StoreLog implements SyncLog {
  private final Store store;
  private final Random random;
  private final Runnable between;
  private final Predicate<Operation> refused;

  /**
   * A log.
   *
   * @param between what happens between two steps; may throw, which is as if the run were killed
   */
  StoreLog(Store store, Random random, Runnable between) {
    this(store, random, between, operation -> false);
  }

  /** A log with limits that some operations pass. */
  StoreLog(Store store, Random random, Runnable between, Predicate<Operation> refused) {
    this.store = store;
    this.random = random;
    this.between = between;
    this.refused = refused;
  }

  @Override
  public EventId end() {
    return new EventId(store.bounds().headSecond(), store.incarnation(), store.bounds().head());
  }

  @Override
  public EventId states(Set<String> types, Changes heard) throws IOException {
    try {
      return replicate(heard);
    } catch (StoreException e) {
      throw new IOException(e);
    }
  }

  private EventId replicate(Changes heard) throws IOException, StoreException {
    StreamStart.States next = beginning(StreamStart.resolve(store, Cursor.parse("0")), heard);
    while (true) {
      between.run();
      StatePage read = store.readStates(read(next, true));
      if (read instanceof StatePage.FloorPassed) {
        next = beginning(StreamStart.reset(store, ResetReason.DELETES_DROPPED), heard);
      } else if (read instanceof StatePage.Read page) {
        hand(page.frames(), heard);
        if (page.atFold() && page.through() >= next.target()) {
          between.run();
          long seconds = Math.max(next.since(), page.throughSecond());
          return new EventId(seconds, store.incarnation(), page.through());
        }
        next = after(next, page.through());
      }
    }
  }

  private static StreamStart.States beginning(StreamStart start, Changes heard) throws IOException {
    heard.restart();
    return ((StreamStart.Reset) start).states();
  }

  private StateRead read(StreamStart.States from, boolean tombstones) {
    return new StateRead(
        from.after(),
        from.committedFromMillis(),
        from.since(),
        from.ignoreDeletesThrough(),
        FrameFilter.ALL,
        1 + random.nextInt(1000),
        tombstones);
  }

  private static StreamStart.States after(StreamStart.States from, long position) {
    return new StreamStart.States(
        position,
        from.committedFromMillis(),
        from.since(),
        from.ignoreDeletesThrough(),
        from.target());
  }

  private static @Nullable EventId hand(Frames frames, Changes heard) throws IOException {
    EventId last = null;
    for (ReadEvent event : ReadEvent.of(frames)) {
      heard.changed(event.id(), event.operation());
      last = event.id();
    }
    return last;
  }

  @Override
  public EventId follow(EventId after, long through, Changes heard) throws IOException {
    between.run();
    try {
      return read(after, Math.max(through, store.bounds().head()), heard);
    } catch (StoreException e) {
      throw new IOException(e);
    }
  }

  private EventId read(EventId after, long end, Changes heard) throws IOException, StoreException {
    EventId last = after;
    StreamStart next = StreamStart.resolve(store, new Cursor.After(after));
    while (position(next) < end) {
      between.run();
      EventId read = null;
      if (next instanceof StreamStart.Log log) {
        Frames frames = ((LogPage.Read) store.readLog(log.after(), 500)).frames();
        read = Objects.requireNonNull(hand(frames, heard));
        next = new StreamStart.Log(read.sequence(), read.seconds(), 0);
      } else if (next instanceof StreamStart.States states) {
        StatePage.Read page = (StatePage.Read) store.readStates(read(states, false));
        read = hand(page.frames(), heard);
        next = after(states, page.through());
      } else {
        throw new HistoryLostException("reset");
      }
      last = read == null ? last : read;
    }
    between.run();
    return last;
  }

  private static long position(StreamStart start) {
    return switch (start) {
      case StreamStart.Log log -> log.after();
      case StreamStart.States states -> states.after();
      default -> -1;
    };
  }

  @Override
  public Optional<String> position(String source) throws IOException {
    between.run();
    try {
      return store.sourceToken(source);
    } catch (StoreException e) {
      throw new IOException(e);
    }
  }

  /** The answer is sometimes not heard, and that it was stored only by asking again. */
  @Override
  public Receipt send(byte[] ndjson, SourceStep step) throws IOException {
    between.run();
    Receipt receipt = append(frames(ndjson), step);
    between.run();
    boolean lost = receipt instanceof Stored && random.nextInt(4) == 0;
    return lost ? new Stored(Optional.empty()) : receipt;
  }

  private Frames frames(byte[] ndjson) throws IOException {
    List<Operation> operations = new ArrayList<>();
    try {
      new OperationReader(OperationLimits.DEFAULTS)
          .readNdjson(ndjson, 0, ndjson.length, 0, operations::add);
    } catch (InvalidOperationException e) {
      throw new IOException(e);
    }
    FrameEncoder encoder = new FrameEncoder();
    for (Operation operation : operations) {
      if (refused.test(operation)) {
        throw RefusedException.ofLine(1L + operations.indexOf(operation), "too long");
      }
      encoder.add(operation);
    }
    return encoder.take();
  }

  private Receipt append(Frames frames, SourceStep step) throws IOException {
    SourceMove move = new SourceMove(step.source(), step.from().orElse(null), step.to());
    try {
      return switch (store.append(List.of(new Submission(frames, move))).getFirst()) {
        case Outcome.Stored stored ->
            new Stored(Optional.ofNullable(stored.last()).map(EventId::toString));
        case Outcome.SourceConflict conflict ->
            new Elsewhere(Optional.ofNullable(conflict.stored()));
      };
    } catch (StoreException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Receipt move(SourceStep step) throws IOException {
    between.run();
    Receipt receipt = append(Frames.NONE, step);
    between.run();
    return receipt;
  }
}
