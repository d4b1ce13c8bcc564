package io.oplog.store.rocksdb;

import io.oplog.core.store.Bounds.Floor;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * The database of the states: what is derived from the log, up to the fold position. Thread-safe.
 */
final class States implements AutoCloseable {
  private static final byte[] STORE = ascii("store");
  static final byte[] FOLD = ascii("fold");
  static final byte[] FLOOR = ascii("floor");

  /** There where none are kept. */
  private static final byte[] LOG_ONLY = ascii("log-only");

  /** Up to where the states followed the log. */
  record Fold(long sequence, long millis) {}

  private final Database database;
  private final LiveBounds bounds;
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final boolean logOnly;
  private long durableFold;

  States(Path directory, Tuning tuning, LiveBounds bounds, boolean logOnly) {
    this.database = new Database(directory, Family.OF_STATES, tuning);
    this.bounds = bounds;
    this.logOnly = logOnly;
  }

  private static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Opens the states of a log, and sets the bounds of the fold.
   *
   * @param create whether states that are not there are made
   * @param incarnation the log's
   * @param baseMillis a time no commit is before
   */
  void open(boolean create, int incarnation, long baseMillis) throws StoreException {
    database.open(create);
    Fold fold = database.use(view -> inspect(view, incarnation, baseMillis));
    durableFold = fold.sequence();
    if (fold.sequence() == 0) {
      recordIdentity(incarnation, fold);
    }
  }

  private Fold inspect(Database.View view, int incarnation, long baseMillis)
      throws RocksDBException, StoreException {
    Fold fold = decodeFold(view.get(Family.STATE_META, FOLD), baseMillis);
    byte[] identity = view.get(Family.STATE_META, STORE);
    requireSameUse(fold, view.get(Family.STATE_META, LOG_ONLY) != null);
    boolean others = identity != null && Bytes.getInt(identity, 0) != incarnation;
    if (others && fold.sequence() > 0) {
      throw Damage.of(
          "the states in " + database.directory() + " belong to another log than the one beside");
    }
    bounds.floor(floor(view.get(Family.STATE_META, FLOOR)));
    bounds.folded(fold.sequence(), fold.millis());
    return fold;
  }

  /** States that stopped following at some time would be taken for whole. */
  private void requireSameUse(Fold fold, boolean isLogOnly) throws StoreException.Misplaced {
    if (fold.sequence() > 0 && isLogOnly != logOnly) {
      throw new StoreException.Misplaced(
          isLogOnly
              ? database.directory() + " belongs to the spool of an agent, which keeps no states"
              : database.directory()
                  + " belongs to a server's log: the spool of an agent wants a folder of its own",
          null);
    }
  }

  /** What was stored; before the first fold, the time before the first commit. */
  static Fold decodeFold(byte @Nullable [] stored, long baseMillis) {
    return stored == null
        ? new Fold(0, baseMillis)
        : new Fold(Bytes.getLong(stored, 0), Bytes.getLong(stored, 8));
  }

  private void recordIdentity(int incarnation, Fold fold) throws StoreException {
    BatchBytes batch = new BatchBytes(64);
    byte[] bytes = new byte[4];
    Bytes.putInt(bytes, 0, incarnation);
    batch.put(Family.STATE_META, STORE, bytes);
    if (logOnly) {
      batch.put(Family.STATE_META, LOG_ONLY, bytes);
    } else {
      batch.delete(Family.STATE_META, LOG_ONLY, 0, LOG_ONLY.length);
    }
    putFold(batch, fold.sequence(), fold.millis());
    write(batch);
  }

  static void putFold(BatchBytes batch, long sequence, long millis) {
    batch.put(Family.STATE_META, FOLD, pair(sequence, millis));
  }

  static void putFloor(BatchBytes batch, Floor floor) {
    batch.put(Family.STATE_META, FLOOR, pair(floor.sequence(), floor.second()));
  }

  private static byte[] pair(long first, long second) {
    byte[] bytes = new byte[16];
    Bytes.putLong(bytes, 0, first);
    Bytes.putLong(bytes, 8, second);
    return bytes;
  }

  static Floor floor(byte @Nullable [] stored) {
    return stored == null
        ? Floor.NONE
        : new Floor(Bytes.getLong(stored, 0), Bytes.getLong(stored, 8));
  }

  <T extends @Nullable Object> T use(Database.Use<T> use) throws StoreException {
    return database.use(use);
  }

  /** Writes without a log: after a kill the fold goes on from what was flushed. */
  void write(BatchBytes batch) throws StoreException {
    database.write(batch, unlogged);
  }

  /** The way back from a failed write: the fold goes on from what was flushed. */
  void reopen(int incarnation) throws StoreException {
    database.reopen(view -> inspect(view, incarnation, 0));
  }

  /**
   * Makes everything durable that the states hold now: what is stored in them says how far that is,
   * for a reopening may just have thrown them back behind the bounds.
   */
  synchronized void flush() throws StoreException {
    Fold flushed =
        database.use(view -> {
          Fold fold = decodeFold(view.get(Family.STATE_META, FOLD), 0);
          view.flush();
          return fold;
        });
    durableFold = Math.max(durableFold, flushed.sequence());
  }

  /** A sequence up to which the states are durable. */
  synchronized long durableFold() {
    return durableFold;
  }

  /** The file without which it cannot be opened again. */
  Path currentFile() {
    return database.currentFile();
  }

  @Override
  public void close() {
    database.close();
    unlogged.close();
  }
}
