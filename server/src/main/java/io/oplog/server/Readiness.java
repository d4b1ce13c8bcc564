package io.oplog.server;

import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Whether the server can do its work now. The store is asked at most once a second. Any thread. */
final class Readiness {
  private static final long FRESH = TimeUnit.SECONDS.toNanos(1);

  private final Store store;
  private volatile boolean stopping;
  private List<String> storeProblems = List.of();
  private long askedAt = System.nanoTime() - FRESH;

  Readiness(Store store) {
    this.store = store;
  }

  void stop() {
    stopping = true;
  }

  /** Why not; empty when all is well. May block on the store. */
  List<String> problems() {
    return stopping ? List.of("the server is stopping") : storeProblems();
  }

  private synchronized List<String> storeProblems() {
    if (System.nanoTime() - askedAt >= FRESH) {
      storeProblems = ask();
      askedAt = System.nanoTime();
    }
    return storeProblems;
  }

  private List<String> ask() {
    try {
      store.check();
      return List.of();
    } catch (StoreException | RuntimeException e) {
      return List.of("the store: " + e.getMessage());
    }
  }
}
