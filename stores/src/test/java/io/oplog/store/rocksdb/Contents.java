package io.oplog.store.rocksdb;

import io.oplog.core.store.LogPage;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.FrameFilter;
import io.oplog.testkit.ReadEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** All that a store holds, read through its interface. */
record Contents(
    int incarnation, List<ReadEvent> log, List<ReadEvent> states, Optional<String> source) {
  static final String SOURCE = "crm";

  static Contents of(Store store) throws StoreException {
    awaitFold(store);
    return new Contents(store.incarnation(), log(store), states(store), store.sourceToken(SOURCE));
  }

  /** Waits until the states have followed; what keeps them from it is thrown. */
  static void awaitFold(Store store) throws StoreException {
    while (store.bounds().folded() < store.bounds().head()) {
      store.check();
      LockSupport.parkNanos(200_000);
    }
  }

  static List<ReadEvent> log(Store store) throws StoreException {
    List<ReadEvent> log = new ArrayList<>();
    long after = store.bounds().first() - 1;
    while (after < store.bounds().head()) {
      log.addAll(ReadEvent.of(((LogPage.Read) store.readLog(after, 1 << 16)).frames()));
      after = log.getLast().sequence();
    }
    return log;
  }

  static List<ReadEvent> states(Store store) throws StoreException {
    List<ReadEvent> states = new ArrayList<>();
    StatePage.Read page = page(store, 0);
    states.addAll(ReadEvent.of(page.frames()));
    while (!page.atFold()) {
      page = page(store, page.through());
      states.addAll(ReadEvent.of(page.frames()));
    }
    return states;
  }

  private static StatePage.Read page(Store store, long after) throws StoreException {
    return (StatePage.Read)
        store.readStates(
            new StateRead(after, 0, 0, store.bounds().folded(), FrameFilter.ALL, 1 << 16));
  }
}
