package io.oplog.store.rocksdb;

import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.DirectoryStoreContract;
import io.oplog.testkit.StoreSetup;

class RocksStoreTest extends DirectoryStoreContract {
  @Override
  protected Store open(StoreSetup setup) throws StoreException {
    return RocksStore.open(
        setup.directory(),
        RocksOptions.defaults()
            .withDurability(Durability.OS)
            .withClock(setup.clock())
            .withRetention(setup.retention()));
  }
}
