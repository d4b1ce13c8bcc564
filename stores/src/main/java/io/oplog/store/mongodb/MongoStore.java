package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.LogBatch;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.SharedStats;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log on a MongoDB replica set, shared with every other process that opens the same database.
 *
 * <p>Threading: as {@link Store} says.
 */
public final class MongoStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(MongoStore.class);
  private static final long PAGE_BYTES = 4 << 20;

  /** Names this agent in what it writes. */
  private final ObjectId self = new ObjectId();

  private final MongoOptions options;
  private final LogDatabase database;
  private final ServerClock clock;
  private final BlockLog log;
  private final LogReader reader;
  private final LiveBounds bounds = new LiveBounds();
  private final Sources sources;
  private final Lease lease;
  private final Retainer retainer;
  private final Folder folder;
  private final ChangeFeed feed;
  private final int incarnation;
  private final Openings openings = new Openings();
  private final Chain chain;
  private final Appender appender;

  /** The last block that was {@linkplain #known told of}; told under the chain's lock. */
  private long chainEnd;

  private volatile @Nullable StoreListener listener;
  private volatile boolean closed;

  private MongoStore(
      MongoOptions options, LogDatabase database, ServerClock clock, int incarnation) {
    this.options = options;
    this.database = database;
    this.clock = clock;
    this.incarnation = incarnation;
    log = new BlockLog(database);
    reader = new LogReader(log);
    sources = new Sources(database);
    lease = new Lease(database, clock);
    retainer = new Retainer(database, log, lease, bounds, options.retention(), clock);
    folder = new Folder(self, database, log, lease, sources, bounds, this::tellFolded);
    chain = new Chain(log, this::known);
    feed = new ChangeFeed(database, self, chain, folder);
    appender = new Appender(log, chain, new Turns(self), options.patience());
  }

  /**
   * Opens the store in a database, which is made when it is not there.
   *
   * @throws StoreException when there is no server, or none that can hold a log
   */
  public static MongoStore open(MongoOptions options) throws StoreException {
    LogDatabase database = new LogDatabase(options);
    return open(options, database, database::serverMillis, Long.MAX_VALUE);
  }

  /** Opens the store with another clock in the place of the server's. */
  static MongoStore open(MongoOptions options, LongSupplier serverMillis) throws StoreException {
    return open(options, serverMillis, Long.MAX_VALUE);
  }

  /** Opens it so with a {@linkplain #limitFold limit} to the fold. */
  static MongoStore open(MongoOptions options, LongSupplier serverMillis, long foldLimit)
      throws StoreException {
    return open(options, new LogDatabase(options), serverMillis, foldLimit);
  }

  private static MongoStore open(
      MongoOptions options, LogDatabase database, LongSupplier serverMillis, long foldLimit)
      throws StoreException {
    MongoStore store = null;
    try {
      database.prepare();
      ServerClock clock = new ServerClock(options.clock(), serverMillis);
      clock.ask();
      store = new MongoStore(options, database, clock, Identity.establish(database));
      store.limitFold(foldLimit);
      store.start();
      return store;
    } catch (MongoException e) {
      closeUnopened(store, database);
      throw Failures.atOpen("cannot open the log at " + options.place(), e);
    } catch (StoreException e) {
      closeUnopened(store, database);
      throw e;
    }
  }

  private static void closeUnopened(@Nullable MongoStore store, LogDatabase database) {
    if (store != null) {
      store.close();
    } else {
      database.close();
    }
  }

  /** Comes to know the chain, from the fold's place to its end. */
  private Place readToEnd() throws StoreException {
    FoldPlace fold = FoldPlace.of(database.require(FoldPlace.ID));
    openings.addAll(Opening.all(database));
    LogStart start = LogStart.read(database);
    Block last = log.last();
    Place end = last == null ? Place.START : last.end();
    Block newest = end.sequence() == 0 ? null : log.holding(end.sequence());
    long millis = newest == null ? end.millis() : newest.millis();
    bounds.log(start.first(), start.bytesBefore(), end.sequence(), millis, end.bytes());
    bounds.folded(fold.sequence(), fold.millis());
    notBefore(end.millis());
    retainer.look();
    for (List<Block> page = log.after(fold.number(), PAGE_BYTES);
        !page.isEmpty() && page.getFirst().number() <= end.number();
        page = log.after(page.getLast().number(), PAGE_BYTES)) {
      page.stream().filter(block -> block.number() <= end.number()).forEach(this::remember);
    }
    return end;
  }

  private void start() throws StoreException {
    new TakeOver(database.original, log, self, incarnation, clock).run();
    Place end = readToEnd();
    lookForOriginals();
    chainEnd = end.number();
    chain.start(end); // when several open at once, an opening follows another's
    recordOpening();
    folder.start();
    feed.start();
  }

  private void lookForOriginals() throws StoreException {
    Optional<TakeOverPlace.Done> takenOver = takenOver();
    if (takenOver.isPresent() && takenOver.get().isOutdatedBy(database.original.newestId())) {
      LOG.warn(
          "An agent of the original OpLog has written since its data was taken over: stop it, and"
              + " mend what it wrote by 'oplog sync'");
    }
  }

  private Optional<TakeOverPlace.Done> takenOver() throws StoreException {
    return sources
        .position(TakeOverPlace.SOURCE)
        .map(TakeOverPlace::parse)
        .filter(TakeOverPlace.Done.class::isInstance)
        .map(TakeOverPlace.Done.class::cast);
  }

  private void recordOpening() throws StoreException {
    appender.append(place -> {
      return new Block(
          place.number() + 1,
          new ObjectId(),
          self,
          place,
          openingMillis(place),
          true,
          Map.of(),
          Frames.NONE);
    });
  }

  /** A second that no id has which was given out before. */
  private long openingMillis(Place end) {
    long now = Math.max(end.millis(), clock.wallMillis());
    return end.number() == 0 ? now : (now / 1000 + 1) * 1000;
  }

  // ---- what this process comes to know of the chain ----

  private void remember(Block block) {
    sources.add(block);
    if (block.opening()) {
      openings.add(new Opening(block.last(), block.millis() / 1000));
    }
  }

  /**
   * What this process did not come to know was dropped: so it was folded, and the log begins here.
   */
  private void jumpTo(Place start) {
    sources.folded(start.number());
    long first = start.sequence() + 1;
    bounds.log(first, start.bytes(), start.sequence(), bounds.now().headMillis(), start.bytes());
  }

  private void known(Block block) {
    if (block.number() > chainEnd + 1) {
      jumpTo(block.before());
    }
    chainEnd = block.number();
    appender.known(block);
    remember(block);
    LogBatch batch = block.toBatch();
    if (batch == null) {
      notBefore(block.millis());
    } else {
      bounds.committed(batch);
    }
    StoreListener told = listener;
    if (told != null && batch != null) {
      told.committed(batch);
    }
    folder.known(block);
  }

  /** Before the first operation the log's time is that of its last opening. */
  private void notBefore(long millis) {
    if (bounds.now().head() == 0) {
      bounds.notBefore(millis);
      bounds.folded(0, millis);
    }
  }

  private void tellFolded(long sequence) {
    StoreListener told = listener;
    if (told != null) {
      told.folded(sequence);
    }
  }

  // ---- append ----

  @Override
  public List<Outcome> append(List<Submission> submissions) throws StoreException {
    requireOpen();
    BlockBuilder[] built = new BlockBuilder[1];
    appender.append(place -> {
      long millis = Math.max(place.millis(), clock.wallMillis());
      BlockBuilder builder = new BlockBuilder(place, millis, self, incarnation, sources);
      for (Submission submission : submissions) {
        builder.add(submission);
      }
      built[0] = builder;
      return builder.isEmpty() ? null : builder.build();
    });
    return built[0].outcomes();
  }

  // ---- reading ----

  @Override
  public int incarnation() {
    return incarnation;
  }

  @Override
  public Bounds bounds() {
    return bounds.now();
  }

  @Override
  public Bounds latestBounds() throws StoreException {
    requireOpen();
    long last = reading(log::lastNumber);
    chain.requireBeyond(last - 1, appender.deadline());
    return reading(() -> {
      retainer.lookAtStart();
      return bounds.now();
    });
  }

  @Override
  public void listen(StoreListener newListener) {
    listener = newListener;
  }

  @Override
  public LogPage readLog(long after, int maxBytes) throws StoreException {
    requireOpen();
    Bounds now = bounds.now();
    if (after + 1 < now.first()) {
      return new LogPage.Trimmed();
    }
    if (after >= now.head()) {
      return new LogPage.Read(Frames.NONE);
    }
    return reading(() -> reader.page(after, maxBytes, now.head()));
  }

  @Override
  public StatePage readStates(StateRead read) throws StoreException {
    requireOpen();
    Bounds before = bounds.now();
    return reading(() -> StateReader.read(database, before, incarnation, read));
  }

  @Override
  public OptionalLong commitMillis(long sequence) throws StoreException {
    requireOpen();
    if (!bounds.now().inLog(sequence)) {
      return OptionalLong.empty();
    }
    return reading(() -> log.millis(sequence));
  }

  private interface Read<T> {
    T get() throws StoreException;
  }

  private static <T> T reading(Read<T> read) throws StoreException {
    try {
      return read.get();
    } catch (MongoException e) {
      throw Failures.unavailable("the log cannot be read", e);
    }
  }

  @Override
  public boolean lost(EventId id) {
    return openings.lost(id);
  }

  @Override
  public OptionalLong takenOverSecond() throws StoreException {
    Optional<TakeOverPlace.Done> takenOver = takenOver();
    return takenOver.isEmpty() ? OptionalLong.empty() : OptionalLong.of(takenOver.get().second());
  }

  @Override
  public Optional<String> sourceToken(String source) throws StoreException {
    requireOpen();
    return sources.position(source);
  }

  @Override
  public void enforceRetention() throws StoreException {
    requireOpen();
    try {
      clock.ask();
      retainer.look();
      if (lease.hold()) {
        retainer.enforce(FoldPlace.of(database.require(FoldPlace.ID)));
      }
    } catch (MongoException e) {
      throw Failures.unavailable("what is old cannot be dropped", e);
    }
  }

  @Override
  public Optional<SharedStats> shared() {
    return Optional.of(
        new SharedStats(
            options.place(),
            lease.isHeld(),
            chain.staleMillis(),
            database.commands().sent(),
            database.commands().failed(),
            appender.conflicts(),
            clock.roundTripMicros(),
            clock.differenceMillis()));
  }

  @Override
  public void check() throws StoreException {
    requireOpen();
    String damage = folder.damage();
    if (damage != null) {
      throw new StoreException.Damaged(damage, null);
    }
    String trouble = chain.trouble();
    if (trouble != null) {
      throw new StoreException.Unavailable("the log cannot be read: " + trouble, null);
    }
    reading(() -> database.require(Identity.ID));
    if (appender.isRefusing()) {
      requireWritable();
    }
  }

  /** Nobody may append while this is not ready, so it finds out by itself. */
  private void requireWritable() throws StoreException {
    try {
      database.probe();
    } catch (MongoException e) {
      throw Failures.unavailable("the log cannot be written", e);
    }
  }

  private void requireOpen() throws StoreException {
    if (closed) {
      throw new StoreException("the store is closed");
    }
  }

  /** Lets this process move the states up to here and no further; for tests. */
  void limitFold(long sequence) {
    folder.limit(sequence);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    appender.close();
    feed.close();
    chain.close();
    if (folder.stop()) { // else it may still use the lease's session, and the lease runs out
      lease.close();
    }
    database.close();
  }
}
