package io.oplog.store.rocksdb;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.LogBatch;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreClock;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded store, on RocksDB.
 *
 * <p><b>Two databases.</b> {@code log} is the truth, {@code states} its fold. An acknowledgement
 * waits for one write to {@code log} and its sync, and for nothing else: a database of its own
 * keeps the compaction, the stalls and the failures of the states away from the producers.
 *
 * <pre>
 * DIRECTORY/lock           held while a store is open
 * DIRECTORY/acknowledged   {@link Mark}: the newest acknowledged sequence
 * DIRECTORY/log            {@link OperationLog}: families log, meta; write-ahead logged, synced
 * DIRECTORY/states         {@link States}: families states, objects, deletes, left, meta; unlogged
 * </pre>
 *
 * <p><b>The log</b> holds {@link LogBlock}s under the sequence of their first operation. A batch,
 * the moves of its sources included, is one RocksDB write. The head that readers and the fold see
 * moves only after that write has returned. A reader checks each block's checksum and that
 * sequences follow each other.
 *
 * <p><b>The states</b> are written by one thread ({@link Folder}), a run of operations and the fold
 * position in one write, without a write-ahead log: RocksDB flushes all families together, so what
 * is on the disk is the fold up to some position, and after a kill it goes on from there. The log
 * is kept at least from that position on. Each state stands under its position; {@code objects}
 * says where the state of an object stands and which parents it names; {@code left} keeps which
 * parents an operation no longer named.
 *
 * <p><b>A failed write</b> stops the appends: what is in the page cache is unknown then. Each
 * second an append may try to open the log again; what the write-ahead log holds then is written
 * anew to files that are synced, and so is committed. Nothing that was not is ever acknowledged.
 *
 * <p><b>Damage.</b> RocksDB checks all it reads and refuses a bad record in the middle of its
 * write-ahead log, but takes one at the end for a torn tail and cuts it off. {@link Mark} tells the
 * two apart.
 *
 * <p>Threading: as {@link Store} says.
 */
public final class RocksStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);

  private static final int RECOVERED_PAGE = 1 << 20;
  private static final long DISK_MILLIS = 200;

  /** RocksDB's own files of before, and what comes within {@link #DISK_MILLIS}. */
  private static final long LEAST_FREE_BYTES = 64 << 20;

  private final Path directory;
  private final RocksOptions options;
  private final StoreClock clock;
  private final DirectoryLock lock;
  private final Tuning logTuning;
  private final Tuning statesTuning;
  private final LiveBounds bounds = new LiveBounds();
  private final OperationLog log;
  private final States states;
  private final Folder folder;
  private final Retainer retainer;
  private final Object appending = new Object();
  private @Nullable Mark mark;
  private volatile @Nullable StoreListener listener;
  private long notBeforeMillis;
  private volatile @Nullable Outage outage;
  private volatile StoreException.@Nullable Damaged damage;
  private volatile boolean closed;
  private volatile long diskLookedAt;
  private volatile long diskFree = Long.MAX_VALUE;

  private RocksStore(Path directory, RocksOptions options, DirectoryLock lock) {
    this.directory = directory;
    this.options = options;
    this.clock = options.clock();
    this.diskLookedAt = clock.monotonicMillis() - DISK_MILLIS;
    this.lock = lock;
    this.logTuning = Tuning.ofLog(options);
    this.statesTuning = Tuning.ofStates(options);
    this.log = new OperationLog(directory.resolve("log"), logTuning, bounds, options.durability());
    this.states = new States(directory.resolve("states"), statesTuning, bounds, options.logOnly());
    this.folder = new Folder(log, states, bounds, this::tellFolded, options.logOnly());
    this.retainer = new Retainer(log, states, folder, bounds, options);
  }

  /**
   * Opens the store in a directory, which is made when it is not there.
   *
   * @throws StoreException.Misplaced when it cannot be made, or holds what no store put there
   * @throws StoreException.Locked when another store has it
   * @throws StoreException.Damaged when its files are not what was written
   */
  public static RocksStore open(Path directory, RocksOptions options) throws StoreException {
    return open(directory, options, Long.MAX_VALUE);
  }

  /** Opens it with a {@linkplain #limitFold limit} to the fold. */
  static RocksStore open(Path directory, RocksOptions options, long foldLimit)
      throws StoreException {
    DataDirectory.prepare(directory);
    DirectoryLock lock = DirectoryLock.take(directory);
    RocksStore store;
    try {
      NativeLibrary.load(directory);
      store = new RocksStore(directory, options, lock);
    } catch (StoreException e) {
      lock.close();
      throw e;
    }
    store.limitFold(foldLimit);
    store.start();
    return store;
  }

  private void start() throws StoreException {
    try {
      openFiles();
      folder.start();
    } catch (StoreException e) {
      release();
      throw e;
    }
  }

  private void openFiles() throws StoreException {
    boolean isNew = !Mark.existsIn(directory);
    Mark.Seen seen = Mark.read(directory);
    log.open(isNew, seen.required());
    bounds.notBefore(Math.max(clock.wallMillis(), log.lastOpeningMillis()));
    openStates(isNew, seen.mayHaveLostTail());
    notBeforeMillis = log.recordOpening(clock.wallMillis());
    Mark opened = Mark.open(directory, options.durability());
    mark = opened;
    opened.advance(log.acknowledged());
    opened.sync();
    lock.needs(List.of(log.currentFile(), states.currentFile()));
  }

  /** While the whole log is there, states that are not can be made anew from it. */
  private void openStates(boolean isNew, boolean mayHaveLostTail) throws StoreException {
    Bounds found = bounds.now();
    states.open(isNew || found.first() == 1, log.incarnation(), log.baseMillis());
    long folded = bounds.now().folded();
    if (folded + 1 < found.first()) {
      throw Damage.of("the states end at " + folded + ", the log begins at " + found.first());
    }
    if (folded > found.head()) {
      goOnFromStates(folded, found.head(), mayHaveLostTail);
    }
  }

  /**
   * A power failure took the newest operations of the log, which {@link Durability#OS} does not
   * exclude, but not their states: positions go on after those, and the log is empty up to there,
   * so that consumers get the states.
   */
  private void goOnFromStates(long folded, long head, boolean mayHaveLostTail)
      throws StoreException {
    if (!mayHaveLostTail) {
      throw Damage.of("the states are at " + folded + ", but the log ends at " + head);
    }
    LOG.warn("the log lost its operations after {}; going on after {}", head, folded);
    log.skipTo(folded, bounds.now().foldedMillis());
  }

  @Override
  public int incarnation() {
    return log.incarnation();
  }

  @Override
  public Bounds bounds() {
    return bounds.now();
  }

  @Override
  public void listen(StoreListener newListener) {
    listener = newListener;
  }

  @Override
  public List<Outcome> append(List<Submission> submissions) throws StoreException {
    synchronized (appending) {
      requireUsable();
      if (submissions.stream().anyMatch(submission -> submission.frames().count() > 0)) {
        requireRoom();
      }
      Bounds now = bounds.now();
      long millis = Math.max(Math.max(now.headMillis(), notBeforeMillis), clock.wallMillis());
      Appender appender = new Appender(log, now.head(), millis);
      for (Submission submission : submissions) {
        appender.add(submission);
      }
      LogBatch batch = appender.toLogBatch();
      write(appender.toBytes(batch, bounds.bytesThroughHead()));
      publish(batch);
      return appender.outcomes();
    }
  }

  private void requireOpen() throws StoreException {
    if (closed) {
      throw new StoreException("the store in " + directory + " is closed");
    }
  }

  private void requireUsable() throws StoreException {
    requireOpen();
    lock.requireInPlace(clock.monotonicMillis());
    Outage now = outage;
    if (now != null) {
      now.requireDue(clock.monotonicMillis());
      recover(now);
    }
  }

  private void requireRoom() throws StoreException {
    long bytes = bounds.now().logBytes();
    if (bytes >= options.maxLogBytes()) {
      throw new StoreException.Unavailable(
          String.format("the log is full: %,d bytes of %,d", bytes, options.maxLogBytes()), null);
    }
    if (options.logOnly()) {
      requireFreeDisk();
    }
  }

  /** Dropping what was passed on needs room itself: a disk that is full to its end stays full. */
  private void requireFreeDisk() throws StoreException {
    long now = clock.monotonicMillis();
    if (now - diskLookedAt >= DISK_MILLIS) {
      diskLookedAt = now;
      diskFree = usableBytes();
    }
    if (diskFree < LEAST_FREE_BYTES) {
      throw new StoreException.Unavailable(
          String.format(
              "the disk of %s has %,d bytes left, and %,d are kept free",
              directory, diskFree, LEAST_FREE_BYTES),
          null);
    }
  }

  private long usableBytes() throws StoreException {
    try {
      return Files.getFileStore(directory).getUsableSpace();
    } catch (IOException e) {
      throw new StoreException("cannot tell how full the disk of " + directory + " is", e);
    }
  }

  /**
   * Keeps the operations after a sequence whatever retention says, until told otherwise: for a
   * reader that must not miss one. Any thread.
   */
  public void keepAfter(long sequence) {
    retainer.keepAfter(sequence);
  }

  /** What an earlier write left is settled here: it is in the log when it can be read now. */
  private void recover(Outage now) throws StoreException {
    outage = now.later(clock.monotonicMillis());
    long told = bounds.now().head();
    log.requireRoomToReopen();
    log.reopen();
    notBeforeMillis = log.recordOpening(clock.wallMillis());
    advanceMark();
    outage = null;
    LOG.info("the log in {} takes operations again", directory);
    folder.wake();
    tellAfter(told);
  }

  /** A batch that failed may be in the log all the same: who follows must not wait for another. */
  private void tellAfter(long sequence) throws StoreException {
    StoreListener told = listener;
    Bounds now = bounds.now();
    long after = sequence;
    while (told != null && after < now.head()) {
      Frames frames = ((LogPage.Read) log.read(after, RECOVERED_PAGE)).frames();
      told.committed(new LogBatch(after + 1, now.headMillis(), frames));
      after += frames.count();
    }
  }

  private void write(BatchBytes batch) throws StoreException {
    if (batch.isEmpty()) {
      return;
    }
    try {
      log.append(batch);
    } catch (StoreException e) {
      LOG.error("no operation can be stored now; trying again each second", e);
      outage = Outage.since(e, clock.monotonicMillis());
      throw e;
    }
  }

  private void publish(@Nullable LogBatch batch) {
    if (batch != null) {
      bounds.committed(batch);
      folder.wake();
    }
    advanceMark();
    StoreListener told = listener;
    if (batch != null && told != null) {
      told.committed(batch);
    }
  }

  private void advanceMark() {
    if (mark != null) {
      mark.advance(log.acknowledged());
    }
  }

  private void tellFolded(long sequence) {
    StoreListener told = listener;
    if (told != null) {
      told.folded(sequence);
    }
  }

  @Override
  public LogPage readLog(long after, int maxBytes) throws StoreException {
    return noting(() -> log.read(after, maxBytes));
  }

  @Override
  public StatePage readStates(StateRead read) throws StoreException {
    return noting(() -> StateReader.read(states, bounds, log.incarnation(), read));
  }

  /** A read of what is stored. */
  private interface Read<T> {
    T get() throws StoreException;
  }

  /** Damage does not mend itself: who asks is told of it from then on. */
  private <T> T noting(Read<T> read) throws StoreException {
    try {
      return read.get();
    } catch (StoreException.Damaged e) {
      damage = e;
      throw e;
    }
  }

  @Override
  public OptionalLong commitMillis(long sequence) throws StoreException {
    return noting(() -> log.commitMillis(sequence));
  }

  @Override
  public boolean lost(EventId id) {
    return log.lost(id);
  }

  @Override
  public Optional<String> sourceToken(String source) throws StoreException {
    return log.sourceToken(source);
  }

  @Override
  public void enforceRetention() throws StoreException {
    retainer.enforce();
  }

  @Override
  public void check() throws StoreException {
    requireOpen();
    lock.requireInPlace(clock.monotonicMillis());
    if (outage != null) {
      synchronized (appending) {
        requireUsable();
      }
    }
    requireRoom();
    StoreException behind = folder.failure();
    if (behind != null) {
      throw Outage.again(behind);
    }
    StoreException found = damage;
    if (found != null) {
      throw Outage.again(found);
    }
  }

  /** Lets the states follow the log up to here and no further; for tests. */
  void limitFold(long sequence) {
    folder.limit(sequence);
  }

  @Override
  public void close() throws StoreException {
    synchronized (appending) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try {
      folder.close();
      flush();
    } finally {
      release();
    }
  }

  /** So that the next opening has nothing to replay and no tail to judge. */
  private void flush() throws StoreException {
    states.flush();
    if (outage == null) {
      log.flush();
    }
  }

  private void release() {
    folder.close();
    states.close();
    log.close();
    if (mark != null) {
      mark.close();
    }
    statesTuning.close();
    logTuning.close();
    lock.close();
  }
}
