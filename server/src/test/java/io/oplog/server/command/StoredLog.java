package io.oplog.server.command;

import io.oplog.core.store.LogPage;
import io.oplog.core.store.StoreException;
import io.oplog.store.rocksdb.RocksOptions;
import io.oplog.store.rocksdb.RocksStore;
import io.oplog.testkit.ReadEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The log in a data folder whose server has ended. */
final class StoredLog {
  private StoredLog() {}

  /** All operations, in order. */
  static List<ReadEvent> read(Path folder) throws StoreException {
    try (RocksStore store = RocksStore.open(folder, RocksOptions.defaults())) {
      List<ReadEvent> events = new ArrayList<>();
      while (events.size() < store.bounds().head()) {
        LogPage.Read page = (LogPage.Read) store.readLog(events.size(), 1 << 20);
        events.addAll(ReadEvent.of(page.frames()));
      }
      return events;
    }
  }
}
