package io.oplog.server.command;

import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.store.mongodb.MongoOptions;
import io.oplog.store.mongodb.MongoStore;
import io.oplog.store.rocksdb.RocksOptions;
import io.oplog.store.rocksdb.RocksStore;
import java.nio.file.Path;

/** Where the log is. Its text is for people and holds no secret. */
sealed interface StorePlace {

  Store open() throws StoreException;

  /** The folder that a start may make, before the store does. */
  DataFolder folder();

  /** The embedded store. */
  record Embedded(Path data, RocksOptions options) implements StorePlace {
    @Override
    public Store open() throws StoreException {
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

  /** A database that several agents share. */
  record Shared(MongoOptions options) implements StorePlace {
    @Override
    public Store open() throws StoreException {
      return MongoStore.open(options);
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
