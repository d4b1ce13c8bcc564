package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB database. Thread-safe: every use holds the gate shared, and closing or opening again
 * holds it alone, so that no reader is ever inside a database that goes away.
 */
final class Database implements AutoCloseable {

  /** A use of the open database. What it opens it closes before it returns. */
  interface Use<T extends @Nullable Object> {
    T in(View view) throws RocksDBException, StoreException;
  }

  private final Path directory;
  private final List<Family> families;
  private final Tuning tuning;
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private @Nullable View open;

  Database(Path directory, List<Family> families, Tuning tuning) {
    this.directory = directory;
    this.families = families;
    this.tuning = tuning;
  }

  Path directory() {
    return directory;
  }

  /** Names the database's newest files; always there while it is open. */
  Path currentFile() {
    return directory.resolve("CURRENT");
  }

  /**
   * @param create whether a database that is not there is made
   */
  void open(boolean create) throws StoreException {
    gate.writeLock().lock();
    try {
      open = openForWriting(create);
    } finally {
      gate.writeLock().unlock();
    }
  }

  /**
   * Closes the database and opens it again, which is RocksDB's way back from a failed write. Where
   * that fails too, it is opened for reading only, so that readers go on.
   *
   * @param inspect looks at what was found before any reader does
   */
  void reopen(Inspection inspect) throws StoreException {
    gate.writeLock().lock();
    try {
      shut();
      open = openAgain();
      inspect.found(open);
    } catch (RocksDBException e) {
      throw Damage.inUse(directory, e);
    } finally {
      gate.writeLock().unlock();
    }
  }

  /**
   * Opening writes what the write-ahead log holds into a new file.
   *
   * @throws StoreException.Unavailable when the disk has no room for that
   */
  void requireRoomToReopen() throws StoreException {
    try (Stream<Path> files = Files.list(directory)) {
      long needed = 1 << 20;
      for (Path file : files.filter(name -> name.toString().endsWith(".log")).toList()) {
        needed += Files.size(file);
      }
      if (Files.getFileStore(directory).getUsableSpace() < needed) {
        throw new StoreException.Unavailable(
            "the disk under " + directory + " is full: free " + needed / (1 << 20) + " MB", null);
      }
    } catch (IOException e) {
      throw new StoreException.Unavailable("the disk under " + directory + " failed: " + e, e);
    }
  }

  /** Looks at a database that was just opened, alone. */
  interface Inspection {
    void found(View view) throws RocksDBException, StoreException;
  }

  private View openAgain() throws StoreException {
    try {
      return openForWriting(false);
    } catch (StoreException e) {
      open = openForReading(e);
      throw e;
    }
  }

  private View openForWriting(boolean create) throws StoreException {
    RecordTypes.check(directory);
    try {
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      tuning.database().setCreateIfMissing(create);
      RocksDB db = RocksDB.open(tuning.database(), directory.toString(), descriptors(), handles);
      return new View(db, byFamily(handles), handles);
    } catch (RocksDBException e) {
      throw Damage.atOpen(directory, e);
    }
  }

  private @Nullable View openForReading(StoreException cause) {
    try {
      RecordTypes.check(directory);
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db =
          RocksDB.openReadOnly(tuning.database(), directory.toString(), descriptors(), handles);
      return new View(db, byFamily(handles), handles);
    } catch (RocksDBException | StoreException e) {
      cause.addSuppressed(e);
      return null;
    }
  }

  private List<ColumnFamilyDescriptor> descriptors() {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY));
    for (Family family : families) {
      descriptors.add(new ColumnFamilyDescriptor(family.nameBytes(), tuning.family(family)));
    }
    return descriptors;
  }

  private Map<Family, ColumnFamilyHandle> byFamily(List<ColumnFamilyHandle> handles) {
    Map<Family, ColumnFamilyHandle> byFamily = new EnumMap<>(Family.class);
    for (int i = 0; i < families.size(); i++) {
      ColumnFamilyHandle handle = handles.get(i + 1);
      if (handle.getID() != families.get(i).number()) {
        throw new IllegalStateException(families.get(i) + " has number " + handle.getID());
      }
      byFamily.put(families.get(i), handle);
    }
    return byFamily;
  }

  <T extends @Nullable Object> T use(Use<T> use) throws StoreException {
    gate.readLock().lock();
    try {
      return use.in(view());
    } catch (RocksDBException e) {
      throw Damage.inUse(directory, e);
    } finally {
      gate.readLock().unlock();
    }
  }

  private View view() throws StoreException {
    View view = open;
    if (view == null) {
      throw new StoreException("the store in " + directory + " is closed");
    }
    return view;
  }

  void write(BatchBytes bytes, WriteOptions options) throws StoreException {
    use(view -> {
      try (WriteBatch batch = bytes.toWriteBatch()) {
        view.db().write(options, batch);
      }
      return true;
    });
  }

  /** Writes what is in memory into files that are on the disk when this returns. */
  void flush() throws StoreException {
    use(view -> {
      view.flush();
      return true;
    });
  }

  @Override
  public void close() {
    gate.writeLock().lock();
    try {
      shut();
    } finally {
      gate.writeLock().unlock();
    }
  }

  private void shut() {
    View view = open;
    open = null;
    if (view != null) {
      view.close();
    }
  }

  /** The native objects of a database that is open. */
  record View(
      RocksDB db, Map<Family, ColumnFamilyHandle> byFamily, List<ColumnFamilyHandle> handles) {

    ColumnFamilyHandle of(Family family) {
      ColumnFamilyHandle handle = byFamily.get(family);
      if (handle == null) {
        throw new IllegalArgumentException("not in this database: " + family);
      }
      return handle;
    }

    void flush() throws RocksDBException {
      try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
        db.flush(wait, familyHandles());
      }
    }

    private List<ColumnFamilyHandle> familyHandles() {
      return List.copyOf(byFamily.values());
    }

    byte @Nullable [] get(Family family, byte[] key) throws RocksDBException {
      return db.get(of(family), key);
    }

    byte @Nullable [] get(Family family, ReadOptions options, byte[] key) throws RocksDBException {
      return db.get(of(family), options, key);
    }

    private void close() {
      db.cancelAllBackgroundWork(true);
      handles.forEach(ColumnFamilyHandle::close);
      db.close();
    }
  }
}
