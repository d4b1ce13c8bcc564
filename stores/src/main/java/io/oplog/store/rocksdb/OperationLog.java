package io.oplog.store.rocksdb;

import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.PageBuilder;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreException.Damaged;
import io.oplog.protocol.EventId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/** The database of the log: its blocks, and what is written together with them. Thread-safe. */
final class OperationLog implements AutoCloseable {
  private static final int FORMAT = 1;
  private static final byte[] STORE = ascii("store");
  private static final byte[] TRIM = ascii("trim");
  private static final byte[] OPENINGS = ascii("openings");
  private static final byte[] WRITES = ascii("writes");

  /** What each write adds to a batch to be counted. */
  static final int COUNT_LENGTH = BatchBytes.recordLength(WRITES.length, Long.BYTES);

  /**
   * Where the log begins, as stored.
   *
   * @param first sequence of the first operation that is kept
   * @param bytesBefore bytes of all frames before it
   * @param millis commit time of the operation before it, for a log that holds nothing else
   */
  record Trim(long first, long bytesBefore, long millis) {
    static final Trim NONE = new Trim(1, 0, 0);

    byte[] encode() {
      byte[] bytes = new byte[24];
      Bytes.putLong(bytes, 0, first);
      Bytes.putLong(bytes, 8, bytesBefore);
      Bytes.putLong(bytes, 16, millis);
      return bytes;
    }

    static Trim decode(byte @Nullable [] bytes) {
      return bytes == null
          ? NONE
          : new Trim(Bytes.getLong(bytes, 0), Bytes.getLong(bytes, 8), Bytes.getLong(bytes, 16));
    }
  }

  /** The newest operation. */
  record Head(long sequence, long millis, long bytesThrough) {}

  private final Database database;
  private final LiveBounds bounds;
  private final WriteOptions durable;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private volatile List<Opening> openings = List.of();
  private volatile int incarnation;
  private boolean isNew;
  private long writes;

  OperationLog(Path directory, Tuning tuning, LiveBounds bounds, Durability durability) {
    this.database = new Database(directory, Family.OF_LOG, tuning);
    this.bounds = bounds;
    this.durable = new WriteOptions().setSync(durability == Durability.DISK);
  }

  private static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Opens the database and sets the bounds of the log.
   *
   * @param acknowledged what the log must hold
   */
  void open(boolean create, Mark.Acknowledged acknowledged) throws StoreException {
    database.open(create);
    database.use(view -> {
      inspect(view, acknowledged);
      return true;
    });
  }

  /** After a failed write: what is found then counts as committed. */
  void reopen() throws StoreException {
    Mark.Acknowledged acknowledged = acknowledged();
    database.reopen(view -> inspect(view, acknowledged));
  }

  /** Opening writes the write-ahead log anew; without room for that it is better not tried. */
  void requireRoomToReopen() throws StoreException {
    database.requireRoomToReopen();
  }

  private void inspect(Database.View view, Mark.Acknowledged acknowledged)
      throws RocksDBException, StoreException {
    Trim trim = Trim.decode(view.get(Family.LOG_META, TRIM));
    Head head = head(view, trim);
    byte[] counted = view.get(Family.LOG_META, WRITES);
    long found = counted == null ? 0 : Bytes.getLong(counted, 0);
    require(acknowledged, new Mark.Acknowledged(head.sequence(), found));
    writes = found;
    requireFirst(view, trim, head);
    incarnation = identity(view);
    isNew = incarnation == 0;
    if (isNew) {
      incarnation = ThreadLocalRandom.current().nextInt(1, EventId.MAX_INCARNATION + 1);
    }
    byte[] stored = view.get(Family.LOG_META, OPENINGS);
    openings = stored == null ? List.of() : Opening.decode(stored);
    bounds.log(
        trim.first(),
        trim.bytesBefore(),
        head.sequence(),
        Math.max(head.millis(), bounds.now().headMillis()),
        head.bytesThrough());
  }

  private void require(Mark.Acknowledged acknowledged, Mark.Acknowledged found) throws Damaged {
    if (!acknowledged.isIn(found)) {
      throw Damage.of(
          "the log in "
              + database.directory()
              + " lacks its end: acknowledged was "
              + acknowledged
              + ", found is "
              + found
              + ", so one of its files was damaged or removed");
    }
  }

  private static Head head(Database.View view, Trim trim) throws RocksDBException, StoreException {
    try (RocksIterator iterator = view.db().newIterator(view.of(Family.LOG))) {
      iterator.seekToLast();
      if (iterator.isValid()) {
        LogBlock last = LogBlock.parse(Bytes.getLong(iterator.key(), 0), iterator.value());
        if (last.last() >= trim.first()) {
          return new Head(last.last(), last.commitMillis(), last.bytesThrough());
        }
      }
      iterator.status();
    }
    return new Head(trim.first() - 1, trim.millis(), trim.bytesBefore());
  }

  private static void requireFirst(Database.View view, Trim trim, Head head)
      throws RocksDBException, StoreException {
    try (LogScan scan = new LogScan(view, trim.first(), head.sequence())) {
      scan.next();
    }
  }

  private static int identity(Database.View view) throws RocksDBException, StoreException {
    byte[] stored = view.get(Family.LOG_META, STORE);
    if (stored == null) {
      return 0;
    }
    int format = Bytes.getInt(stored, 0);
    if (format != FORMAT) {
      throw new StoreException(
          "the data has format " + format + ", this server knows " + FORMAT + ": use a newer one");
    }
    return Bytes.getInt(stored, 4);
  }

  /** A time that no operation of the log was committed before. */
  long baseMillis() {
    return openings.isEmpty() ? bounds.now().headMillis() : openings.getFirst().second() * 1000;
  }

  /** The time that the last opening recorded: nothing was committed before it since; 0 for none. */
  long lastOpeningMillis() {
    return openings.isEmpty() ? 0 : openings.getLast().second() * 1000;
  }

  /** The history's number. */
  int incarnation() {
    return incarnation;
  }

  /**
   * Durably records that the store was opened, and gives a log that was just made its incarnation.
   *
   * @return the time before which nothing may be committed from now on
   */
  long recordOpening(long clockMillis) throws StoreException {
    long second = Math.max(bounds.now().headMillis(), clockMillis) / 1000 + 1;
    if (!openings.isEmpty()) {
      second = Math.max(second, openings.getLast().second());
    }
    List<Opening> all = Opening.with(openings, new Opening(bounds.now().head(), second));
    BatchBytes batch = new BatchBytes(64 + 16 * all.size());
    batch.put(Family.LOG_META, OPENINGS, Opening.encode(all));
    if (isNew) {
      batch.put(Family.LOG_META, STORE, encodeIdentity(incarnation));
    }
    write(batch, synced);
    isNew = false;
    openings = all;
    return second * 1000;
  }

  private static byte[] encodeIdentity(int incarnation) {
    byte[] bytes = new byte[8];
    Bytes.putInt(bytes, 0, FORMAT);
    Bytes.putInt(bytes, 4, incarnation);
    return bytes;
  }

  boolean lost(EventId id) {
    return openings.stream().anyMatch(opening -> opening.lost(id));
  }

  static byte[] sourceKey(String source) {
    return ("source/" + source).getBytes(StandardCharsets.UTF_8);
  }

  Optional<String> sourceToken(String source) throws StoreException {
    byte[] token = database.use(view -> value(view, sourceKey(source)));
    return token.length == 0
        ? Optional.empty()
        : Optional.of(new String(token, 1, token.length - 1, StandardCharsets.UTF_8));
  }

  /** A stored token begins with a byte that says nothing, so that an empty one is one too. */
  static byte[] encodeToken(String token) {
    return (" " + token).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] value(Database.View view, byte[] key) throws RocksDBException {
    byte[] value = view.get(Family.LOG_META, key);
    return value == null ? new byte[0] : value;
  }

  /** Writes a batch; it is durable at the store's level when this returns. */
  void append(BatchBytes batch) throws StoreException {
    write(batch, durable);
  }

  private void write(BatchBytes batch, WriteOptions options) throws StoreException {
    batch.put(Family.LOG_META, WRITES, Bytes.key(writes + 1));
    database.write(batch, options);
    writes++;
  }

  /** What may be told to producers. */
  Mark.Acknowledged acknowledged() {
    return new Mark.Acknowledged(bounds.now().head(), writes);
  }

  /** The block that holds a sequence that is in the log. */
  static LogBlock requireBlock(Database.View view, long sequence)
      throws RocksDBException, StoreException {
    try (LogScan scan = new LogScan(view, sequence, sequence)) {
      return Objects.requireNonNull(scan.next());
    }
  }

  <T extends @Nullable Object> T use(Database.Use<T> use) throws StoreException {
    return database.use(use);
  }

  LogPage read(long after, int maxBytes) throws StoreException {
    long head = bounds.now().head();
    if (after + 1 < bounds.now().first()) {
      return new LogPage.Trimmed();
    }
    try {
      return database.use(view -> page(view, after, head, maxBytes));
    } catch (Damaged e) {
      if (after + 1 < bounds.now().first()) {
        return new LogPage.Trimmed(); // its files were dropped under this reader
      }
      throw e;
    }
  }

  private static LogPage page(Database.View view, long after, long head, int maxBytes)
      throws RocksDBException, StoreException {
    PageBuilder page = new PageBuilder(maxBytes);
    try (LogScan scan = new LogScan(view, after + 1, head)) {
      LogBlock block = scan.next();
      while (block != null && addTo(page, block, after, head)) {
        block = scan.next();
      }
    }
    return new LogPage.Read(page.take());
  }

  /** Whether the whole block found room. */
  private static boolean addTo(PageBuilder page, LogBlock block, long after, long head) {
    int from = (int) Math.max(0, after + 1 - block.first());
    int to = (int) Math.min(block.count(), head + 1 - block.first());
    for (int i = from; i < to; i++) {
      if (!page.fits(block.ends()[i] - block.start(i))) {
        return false;
      }
      page.add(block.bytes(), block.start(i), block.ends()[i]);
    }
    return true;
  }

  /**
   * Leaves the log empty up to a sequence that it never reached or lost, so that positions go on
   * after it.
   */
  void skipTo(long sequence, long millis) throws StoreException {
    long bytes = bounds.bytesThroughHead();
    BatchBytes batch = new BatchBytes(64);
    batch.put(Family.LOG_META, TRIM, new Trim(sequence + 1, bytes, millis).encode());
    database.write(batch, synced);
    bounds.log(sequence + 1, bytes, sequence, millis, bytes);
  }

  OptionalLong commitMillis(long sequence) throws StoreException {
    if (!bounds.now().inLog(sequence)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(use(view -> requireBlock(view, sequence)).commitMillis());
    } catch (Damaged e) {
      if (!bounds.now().inLog(sequence)) {
        return OptionalLong.empty(); // dropped under this reader
      }
      throw e;
    }
  }

  /** Durably moves the beginning of the log, then drops whole files before it. */
  void trim(Trim trim) throws StoreException {
    BatchBytes batch = new BatchBytes(64);
    batch.put(Family.LOG_META, TRIM, trim.encode());
    database.write(batch, synced);
    bounds.first(trim.first(), trim.bytesBefore());
    dropBefore(trim.first());
  }

  private void dropBefore(long first) throws StoreException {
    database.use(view -> {
      view.db()
          .deleteFilesInRanges(view.of(Family.LOG), List.of(Bytes.key(0), Bytes.key(first)), false);
      return true;
    });
  }

  /** Makes everything durable in files of their own, so that the next opening replays nothing. */
  void flush() throws StoreException {
    database.flush();
  }

  /** The file without which it cannot be opened again. */
  Path currentFile() {
    return database.currentFile();
  }

  @Override
  public void close() {
    database.close();
    synced.close();
    durable.close();
  }
}
