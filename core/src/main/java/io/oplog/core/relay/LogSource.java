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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
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
 * A log of this process as a source; its positions are the ids of its operations, with the {@link
 * LogName tag} of the run that passed them on.
 *
 * <p>The name is kept in the log itself, as the position of a source that no producer uses. It
 * belongs to one history: where the sink has a position under it that this log never gave out, the
 * log was copied or put back to an earlier state, and takes a new name. Then the sink gets all that
 * is still here, some of it a second time, and nothing is missed.
 */
public final class LogSource implements Source<Operation> {
  private static final Logger LOG = LoggerFactory.getLogger(LogSource.class);

  /** In the log's own table of sources: the name. No header can name it, for it has spaces. */
  static final String NAMING = "name of the relay";

  private static final Duration STORE_LIMIT = Duration.ofSeconds(30);

  private final Store store;
  private final Ingester ingester;
  private final LongConsumer keepAfter;
  private final Semaphore committed = new Semaphore(0);
  private final long headAtStart;

  /** Those of earlier runs. */
  private final Set<String> tags = new HashSet<>();

  private @Nullable LogName name;

  /** Whether this run has a tag of its own. */
  private boolean isTagged;

  /** Whether no sink has had anything under the name. */
  private boolean isNew;

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
    headAtStart = store.bounds().head();
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
    return known().name();
  }

  private LogName known() throws IOException, InterruptedException {
    LogName known = name;
    if (known == null) {
      Optional<String> kept = stored();
      isNew = kept.isEmpty();
      isTagged = isNew;
      known = isNew ? keep(LogName.fresh()) : LogName.parse(kept.orElseThrow());
      tags.add(known.tag());
      tags.add(known.before());
      name = known;
    }
    return known;
  }

  private Optional<String> stored() throws IOException {
    return asking(() -> store.sourceToken(NAMING));
  }

  /** A question to the store. */
  private interface Question<T> {
    T ask() throws StoreException;
  }

  private static <T> T asking(Question<T> question) throws IOException {
    try {
      return question.ask();
    } catch (StoreException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Keeps a name in the log, in place of the one before. */
  private LogName keep(LogName fresh) throws IOException, InterruptedException {
    SourceMove move = new SourceMove(NAMING, stored().orElse(null), fresh.toString());
    Stored stored = new Stored();
    if (ingester.offer(new Submission(Frames.NONE, move), stored) != Ingester.Offer.ACCEPTED) {
      throw new IOException("the log does not take the name of the relay now");
    }
    stored.await();
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
  public Start<Operation> seek(Optional<String> position) throws IOException, InterruptedException {
    LogName known = known();
    Bounds now = store.bounds();
    if (position.isEmpty()) {
      tag(known, LogName.NONE);
      goOnAfter(isNew ? now.first() - 1 : reachable(0, now));
      return new Start.Resumed<>();
    }
    Optional<LogPosition> own = own(position.get(), now);
    if (own.isEmpty()) {
      takeAnotherName(position.get(), now);
      return new Start.Renamed<>();
    }
    tag(known, own.get().tag());
    goOnAfter(reachable(own.get().id().sequence(), now));
    return new Start.Resumed<>();
  }

  /** Before anything is sent this run has a tag that no copy of the log knows. */
  private void tag(LogName known, String stored) throws IOException, InterruptedException {
    if (!isTagged) {
      name = keep(known.next(stored));
      isTagged = true;
    }
  }

  private void takeAnotherName(String position, Bounds now)
      throws IOException, InterruptedException {
    LOG.warn(
        "The sink holds {} of this log, which the log never gave out: it was copied, or put back to"
            + " an earlier state. Everything in it is sent, under a new name",
        position);
    tags.clear();
    name = keep(LogName.fresh());
    isTagged = true;
    isNew = true;
    goOnAfter(now.first() - 1);
  }

  /** Of what is acknowledged the newest operation stays. */
  private void goOnAfter(long sequence) {
    read = sequence;
    acknowledged = sequence;
    keepAfter.accept(Math.max(0, sequence - 1));
  }

  /** A position that this log has given out; empty for any other. */
  private Optional<LogPosition> own(String text, Bounds now) throws IOException {
    Optional<LogPosition> position =
        LogPosition.parse(text)
            .filter(this::isOfThisHistory)
            .filter(one -> one.id().incarnation() == store.incarnation())
            .filter(one -> one.id().sequence() <= now.head());
    if (position.isEmpty()) {
      return position;
    }
    EventId id = position.get().id();
    OptionalLong millis = commitMillis(id.sequence());
    boolean differs = millis.isPresent() && millis.getAsLong() / 1000 != id.seconds();
    return differs ? Optional.empty() : position;
  }

  /**
   * What earlier runs passed on was in the log when this one began; what a copy passes on under
   * their tag since it was made is not.
   */
  private boolean isOfThisHistory(LogPosition position) {
    boolean isOfThisRun = isTagged && name != null && name.tag().equals(position.tag());
    return isOfThisRun
        || (tags.contains(position.tag()) && position.id().sequence() <= headAtStart);
  }

  private OptionalLong commitMillis(long sequence) throws IOException {
    return asking(() -> store.commitMillis(sequence));
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
  public Optional<Batch<Operation>> next(int maxBytes, Duration wait)
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
    throw new PositionLostException("the operations after " + read + " have left the log unsent");
  }

  private Batch<Operation> batch(Frames frames) throws IOException {
    List<Operation> operations = new ArrayList<>(frames.count());
    FrameFields fields = new FrameFields();
    for (int i = 0; i < frames.count(); i++) {
      operations.add(fields.reset(frames.bytes(), frames.start(i), frames.ends()[i]).operation());
    }
    int last = frames.start(frames.count() - 1);
    read = Frame.sequence(frames.bytes(), last);
    long seconds = Frame.seconds(frames.bytes(), last);
    EventId id = new EventId(seconds, store.incarnation(), read);
    return new Batch<>(operations, new LogPosition(id, tag()).toString());
  }

  private String tag() throws IOException {
    if (name == null) {
      throw new IOException("nothing is read before it is known where to begin");
    }
    return name.tag();
  }

  /** The newest operation that the sink has stays, so that the next start can recognise it. */
  @Override
  public void acknowledged(String position) {
    long sequence = LogPosition.parse(position).orElseThrow().id().sequence();
    acknowledged = sequence;
    isNew = false;
    keepAfter.accept(sequence - 1);
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
