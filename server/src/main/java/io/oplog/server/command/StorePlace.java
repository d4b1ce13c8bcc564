package io.oplog.server.command;

import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Trouble;
import io.oplog.store.mongodb.MongoOptions;
import io.oplog.store.mongodb.MongoStore;
import io.oplog.store.rocksdb.RocksOptions;
import io.oplog.store.rocksdb.RocksStore;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the log is. Its text is for people and holds no secret. */
sealed interface StorePlace {

  /**
   * Opens the store.
   *
   * @throws CommandFailure when it is not there, after it was waited for where that may help
   */
  Store open() throws StoreException, CommandFailure, InterruptedException;

  /** The folder that a start may make, before the store does. */
  DataFolder folder();

  /** The embedded store. */
  record Embedded(Path data, RocksOptions options) implements StorePlace {
    @Override
    public RocksStore open() throws StoreException {
      return RocksStore.open(data, options);
    }

    @Override
    public DataFolder folder() {
      return DataFolder.of(data);
    }

    @Override
    public String toString() {
      return data.toString();
    }
  }

  /** What an agent has not yet passed on. Opened once. */
  final class Spool implements StorePlace {
    private final Embedded embedded;
    private @Nullable RocksStore opened;

    Spool(Path folder, RocksOptions options) {
      this.embedded = new Embedded(folder, options);
    }

    @Override
    public Store open() throws StoreException {
      RocksStore store = embedded.open();
      opened = store;
      return store;
    }

    /** Keeps what is after a sequence; once it is open. */
    void keepAfter(long sequence) {
      Objects.requireNonNull(opened).keepAfter(sequence);
    }

    @Override
    public DataFolder folder() {
      return embedded.folder();
    }

    @Override
    public String toString() {
      return embedded.toString();
    }
  }

  /** A database that several agents share. It may be started at the same time as we are. */
  record Shared(MongoOptions options) implements StorePlace {
    private static final Logger LOG = LoggerFactory.getLogger(StorePlace.class);
    private static final long START_SECONDS = 30;

    @Override
    public Store open() throws StoreException, CommandFailure, InterruptedException {
      Trouble away = new Trouble(LOG, "Waiting for " + START_SECONDS + " s", "MongoDB answers");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
      while (true) {
        try {
          Store store = MongoStore.open(options);
          away.over();
          return store;
        } catch (StoreException.Unavailable e) {
          if (System.nanoTime() > end) {
            throw new CommandFailure(ExitCode.UNAVAILABLE, e.getMessage());
          }
          away.met(e.getMessage());
          Thread.sleep(500);
        }
      }
    }

    @Override
    public DataFolder folder() {
      return DataFolder.NONE;
    }

    @Override
    public String toString() {
      return "MongoDB at " + options.place();
    }
  }
}
