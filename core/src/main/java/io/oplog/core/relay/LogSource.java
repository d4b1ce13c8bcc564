package io.oplog.core.relay;

import io.oplog.core.engine.Engine;
import io.oplog.core.engine.IngestCompletion;
import io.oplog.core.engine.Ingester;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frame;
import io.oplog.protocol.FrameFields;
import io.oplog.protocol.Frames;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log of this process as a source; its positions are the ids of its operations.
 *
 * <p>The name is kept in the log itself, as the position of a source that no producer uses. It
 * belongs to one history: where the sink has a position under it that this log never gave out, the
 * log was copied or put back to an earlier state, and takes a new name. Then the sink gets all that
 * is still here, some of it a second time, and nothing is missed.
 */
public final class LogSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(LogSource.class);

  /** In the log's own table of sources: the name. */
  static final String NAMING = "oplog-relay-name";

  private static final Duration STORE_LIMIT = Duration.ofSeconds(30);

  private final Store store;
  private final Ingester ingester;
  private final LongConsumer keepAfter;
  private final Semaphore committed = new Semaphore(0);
  private @Nullable String name;
  private long read;
  private volatile long acknowledged;

  /**
   * A source that begins with the first operation that the log has.
   *
   * @param keepAfter lets the store keep the operations after a sequence
   */
  public LogSource(Store store, Engine engine, LongConsumer keepAfter) {
    this.store = store;
    this.ingester = engine.ingester();
    this.keepAfter = keepAfter;
    keepAfter.accept(0);
    acknowledged = store.bounds().first() - 1;
    engine.onCommit(this::ring);
  }

  private void ring() {
    if (committed.availablePermits() == 0) {
      committed.release();
    }
  }

  @Override
  public String name() throws IOException, InterruptedException {
    String known = name == null ? storedName().orElse(null) : name;
    if (known == null) {
      known = rename(Optional.empty());
    }
    name = known;
    return known;
  }

  private Optional<String> storedName() throws IOException {
    try {
      return store.sourceToken(NAMING);
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private String rename(Optional<String> before) throws IOException, InterruptedException {
    String fresh = "log-" + UUID.randomUUID();
    Submission move =
        new Submission(Frames.NONE, new SourceMove(NAMING, before.orElse(null), fresh));
    Stored stored = new Stored();
    if (ingester.offer(move, stored) != Ingester.Offer.ACCEPTED) {
      throw new IOException("the log does not take the name of the relay now");
    }
    stored.await();
    name = fresh;
    return fresh;
  }

  /** Waits for the writer. */
  private static final class Stored implements IngestCompletion {
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    @Override
    public void completed(Outcome what) {
      outcome.complete(what);
    }

    @Override
    public void failed(StoreException cause) {
      outcome.completeExceptionally(cause);
    }

    void await() throws IOException, InterruptedException {
      try {
        if (!(outcome.get(STORE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
            instanceof Outcome.Stored)) {
          throw new IOException("somebody else has named the log");
        }
      } catch (ExecutionException | TimeoutException e) {
        throw new IOException("the log does not take the name of the relay: " + e.getMessage(), e);
      }
    }
  }

  @Override
  public boolean seek(Optional<String> position) throws IOException, InterruptedException {
    Bounds now = store.bounds();
    if (position.isEmpty()) {
      goOnAfter(now.first() - 1);
      return true;
    }
    Optional<EventId> id = own(position.get(), now);
    if (id.isEmpty()) {
      LOG.warn(
          "The sink holds {} of this log, which the log never gave out: it was copied, or put back"
              + " to an earlier state. Everything in it is sent, under a new name",
          position.get());
      String _ = rename(Optional.ofNullable(name));
      goOnAfter(now.first() - 1);
      return false;
    }
    goOnAfter(reachable(id.get().sequence(), now));
    return true;
  }

  private void goOnAfter(long sequence) {
    read = sequence;
    acknowledged = sequence;
  }

  /** The operation behind a position; empty when this log has never had it. */
  private Optional<EventId> own(String position, Bounds now) throws IOException {
    EventId id;
    try {
      id = EventId.parse(position);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    if (id.incarnation() != store.incarnation() || id.sequence() > now.head()) {
      return Optional.empty();
    }
    OptionalLong millis = commitMillis(id.sequence());
    boolean differs = millis.isPresent() && millis.getAsLong() / 1000 != id.seconds();
    return differs ? Optional.empty() : Optional.of(id);
  }

  private OptionalLong commitMillis(long sequence) throws IOException {
    try {
      return store.commitMillis(sequence);
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static long reachable(long sequence, Bounds now) {
    long before = now.first() - 1;
    if (sequence < before) {
      LOG.error(
          "The sink has forgotten operations that it had acknowledged: those from {} to {} are no"
              + " longer here either; mend by 'oplog sync'",
          sequence + 1,
          before);
    }
    return Math.max(sequence, before);
  }

  @Override
  public Optional<Batch> next(int maxBytes, Duration wait)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    while (store.bounds().head() <= read) {
      if (!committed.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return Optional.empty();
      }
    }
    return Optional.of(batch(page(maxBytes)));
  }

  private Frames page(int maxBytes) throws IOException {
    try {
      if (store.readLog(read, maxBytes) instanceof LogPage.Read page) {
        return page.frames();
      }
    } catch (StoreException e) {
      throw new IOException("the log cannot be read: " + e.getMessage(), e);
    }
    throw new IOException("the operations after " + read + " have left the log unsent");
  }

  private Batch batch(Frames frames) {
    List<Operation> operations = new ArrayList<>(frames.count());
    FrameFields fields = new FrameFields();
    for (int i = 0; i < frames.count(); i++) {
      operations.add(fields.reset(frames.bytes(), frames.start(i), frames.ends()[i]).operation());
    }
    int last = frames.start(frames.count() - 1);
    read = Frame.sequence(frames.bytes(), last);
    long seconds = Frame.seconds(frames.bytes(), last);
    return new Batch(operations, new EventId(seconds, store.incarnation(), read).toString());
  }

  /** The newest operation that the sink has stays, so that the next start can recognise it. */
  @Override
  public void acknowledged(String position) {
    acknowledged = EventId.parse(position).sequence();
    keepAfter.accept(acknowledged - 1);
  }

  @Override
  public Backlog backlog() throws IOException {
    long waiting = store.bounds().head() - acknowledged;
    OptionalLong oldest = waiting == 0 ? OptionalLong.empty() : commitMillis(acknowledged + 1);
    long millis = oldest.isEmpty() ? 0 : System.currentTimeMillis() - oldest.getAsLong();
    return new Backlog(waiting, Math.max(0, millis) / 1000);
  }

  @Override
  public void check() throws IOException {
    try {
      store.check();
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The log is the caller's. */
  @Override
  public void close() {}
}
