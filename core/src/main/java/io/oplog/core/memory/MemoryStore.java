package io.oplog.core.memory;

import io.oplog.core.store.AgeGuard;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.LogBatch;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.Retention;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreClock;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frame;
import io.oplog.protocol.Frames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A store that forgets everything when it is closed. The states follow each append at once.
 *
 * <p>Threading: as {@link Store} says; one lock guards everything.
 */
public final class MemoryStore implements Store {
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Entry(byte[] frame, long millis) {}

  private final int incarnation = ThreadLocalRandom.current().nextInt(1, EventId.MAX_INCARNATION);
  private final StoreClock clock;
  private final Retention retention;
  private final AgeGuard ages;
  private final NavigableMap<Long, Entry> log = new TreeMap<>();
  private final Map<String, String> sources = new HashMap<>();
  private final StateFold states = new StateFold();
  private @Nullable StoreListener listener;
  private long head;
  private long headMillis;
  private long logBytes;
  private boolean closed;

  public MemoryStore() {
    this(StoreClock.SYSTEM, Retention.FOREVER);
  }

  public MemoryStore(StoreClock clock, Retention retention) {
    this.clock = clock;
    this.retention = retention;
    this.ages = new AgeGuard(clock);
    this.headMillis = clock.wallMillis();
  }

  @Override
  public int incarnation() {
    return incarnation;
  }

  @Override
  public synchronized Bounds bounds() {
    return new Bounds(first(), head, headMillis, head, headMillis, states.floor(), logBytes);
  }

  private long first() {
    return log.isEmpty() ? head + 1 : log.firstKey();
  }

  @Override
  public synchronized void listen(StoreListener newListener) {
    listener = newListener;
  }

  @Override
  public List<Outcome> append(List<Submission> submissions) throws StoreException {
    List<Outcome> outcomes = new ArrayList<>();
    Frames stored;
    Bounds now;
    synchronized (this) {
      requireOpen();
      headMillis = Math.max(headMillis, clock.wallMillis());
      FrameCollector batch = new FrameCollector();
      for (Submission submission : submissions) {
        outcomes.add(store(submission, batch));
      }
      stored = batch.take();
      now = bounds();
    }
    tell(stored, now);
    return outcomes;
  }

  private void tell(Frames stored, Bounds now) {
    StoreListener told = listener;
    if (told == null || stored.count() == 0) {
      return;
    }
    told.committed(new LogBatch(now.head() - stored.count() + 1, now.headMillis(), stored));
    told.folded(now.head());
  }

  private Outcome store(Submission submission, FrameCollector batch) {
    SourceMove move = submission.move();
    if (move != null) {
      String stands = sources.get(move.source());
      if (!Objects.equals(stands, move.from())) {
        return new Outcome.SourceConflict(stands);
      }
      sources.put(move.source(), move.to());
    }
    return new Outcome.Stored(store(submission.frames(), batch));
  }

  private @Nullable EventId store(Frames frames, FrameCollector batch) {
    for (int i = 0; i < frames.count(); i++) {
      store(copy(frames, i), batch);
    }
    return frames.count() == 0 ? null : new EventId(headMillis / 1000, incarnation, head);
  }

  private void store(byte[] frame, FrameCollector batch) {
    head++;
    Frame.putId(frame, 0, headMillis / 1000, incarnation, head);
    log.put(head, new Entry(frame, headMillis));
    logBytes += frame.length;
    states.fold(head, headMillis, frame);
    batch.add(frame);
  }

  private static byte[] copy(Frames frames, int index) {
    int start = frames.start(index);
    byte[] copy = new byte[frames.ends()[index] - start];
    System.arraycopy(frames.bytes(), start, copy, 0, copy.length);
    return copy;
  }

  @Override
  public synchronized LogPage readLog(long after, int maxBytes) throws StoreException {
    requireOpen();
    if (after + 1 < first()) {
      return new LogPage.Trimmed();
    }
    FrameCollector page = new FrameCollector();
    for (Entry entry : log.tailMap(after, false).values()) {
      if (!page.fits(entry.frame(), maxBytes)) {
        break;
      }
      page.add(entry.frame());
    }
    return new LogPage.Read(page.take());
  }

  @Override
  public synchronized StatePage readStates(StateRead read) throws StoreException {
    requireOpen();
    return states.read(read, bounds(), incarnation);
  }

  @Override
  public synchronized OptionalLong commitMillis(long sequence) throws StoreException {
    requireOpen();
    Entry entry = log.get(sequence);
    return entry == null ? OptionalLong.empty() : OptionalLong.of(entry.millis());
  }

  /** Never: what was opened before is gone. */
  @Override
  public boolean lost(EventId id) {
    return false;
  }

  @Override
  public synchronized Optional<String> sourceToken(String source) throws StoreException {
    requireOpen();
    return Optional.ofNullable(sources.get(source));
  }

  @Override
  public synchronized void enforceRetention() throws StoreException {
    requireOpen();
    boolean byAge = ages.mayDrop();
    long now = clock.wallMillis();
    while (log.size() > 1 && mayTrim(byAge, now - retention.logAge().toMillis())) {
      logBytes -= log.pollFirstEntry().getValue().frame().length;
    }
    if (byAge) {
      states.dropDeletes(first(), now - retention.deletesAge().toMillis());
    }
  }

  private boolean mayTrim(boolean byAge, long cutoffMillis) {
    return logBytes > retention.logBytes()
        || (byAge && log.firstEntry().getValue().millis() < cutoffMillis);
  }

  @Override
  public synchronized void check() throws StoreException {
    requireOpen();
  }

  private void requireOpen() throws StoreException {
    if (closed) {
      throw new StoreException("the store is closed");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
