package io.oplog.testkit;

import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Store;

class MemoryStoreTest extends StoreContract {
  @Override
  protected Store open(StoreSetup setup) {
    return new MemoryStore(setup.clock(), setup.retention());
  }
}
