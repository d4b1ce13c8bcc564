package io.oplog.core.engine;

import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/** A store whose states are read once; after that page they are behind, and stay so. */
final class PausedStates {
  private static final int ONE_STATE = 1;

  private final Store store;
  private final Runnable beforeRead;
  private final AtomicBoolean read = new AtomicBoolean();

  /**
   * @param beforeRead what happens between the start of a stream and its page
   */
  PausedStates(Store store, Runnable beforeRead) {
    this.store = store;
    this.beforeRead = beforeRead;
  }

  /** The store as the engine sees it. */
  Store store() {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (_, method, arguments) -> {
              try {
                return method.getName().equals("readStates")
                    ? readStates((StateRead) arguments[0])
                    : method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private StatePage readStates(StateRead asked) throws Exception {
    if (read.getAndSet(true)) {
      return new StatePage.FoldBehind(Long.MAX_VALUE - 1);
    }
    beforeRead.run();
    return store.readStates(
        new StateRead(
            asked.after(),
            asked.committedFromMillis(),
            asked.since(),
            asked.ignoreDeletesThrough(),
            asked.filter(),
            ONE_STATE));
  }
}
