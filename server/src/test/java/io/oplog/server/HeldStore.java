package io.oplog.server;

import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.StoreListener;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A store whose first append waits until it is let go, and which can be told to fail. */
final class HeldStore implements Store {
  private final MemoryStore store = new MemoryStore();
  private final CountDownLatch gate = new CountDownLatch(1);
  private volatile @Nullable StoreException failure;
  private volatile @Nullable StoreException readFailure;
  private volatile boolean appending;

  /** Lets the appends of the server's store go on. */
  static void release(TestServer server) {
    ((HeldStore) server.store()).release();
  }

  /** Waits until an append is being held. */
  static void awaitAppend(TestServer server) {
    Awaitility.await().until(() -> ((HeldStore) server.store()).appending);
  }

  void release() {
    gate.countDown();
  }

  /** Lets appends and checks fail, and reads when it is damage, from now on; null mends them. */
  void fail(@Nullable StoreException cause) {
    failure = cause;
  }

  /** Lets the reads for consumers fail from now on; null mends them. */
  void failReads(@Nullable StoreException cause) {
    readFailure = cause;
  }

  @Override
  public List<Outcome> append(List<Submission> submissions) throws StoreException {
    appending = true;
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new StoreException.Unavailable("interrupted", e);
    }
    check();
    return store.append(submissions);
  }

  @Override
  public void check() throws StoreException {
    StoreException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  private void requireReadable() throws StoreException {
    StoreException cause = readFailure;
    if (cause != null) {
      throw cause;
    }
    if (failure instanceof StoreException.Damaged damage) {
      throw damage;
    }
  }

  @Override
  public int incarnation() {
    return store.incarnation();
  }

  @Override
  public Bounds bounds() {
    return store.bounds();
  }

  @Override
  public void listen(StoreListener listener) {
    store.listen(listener);
  }

  @Override
  public LogPage readLog(long after, int maxBytes) throws StoreException {
    requireReadable();
    return store.readLog(after, maxBytes);
  }

  @Override
  public StatePage readStates(StateRead read) throws StoreException {
    requireReadable();
    return store.readStates(read);
  }

  @Override
  public OptionalLong commitMillis(long sequence) throws StoreException {
    return store.commitMillis(sequence);
  }

  @Override
  public boolean lost(EventId id) {
    return store.lost(id);
  }

  @Override
  public Optional<String> sourceToken(String source) throws StoreException {
    return store.sourceToken(source);
  }

  @Override
  public void enforceRetention() throws StoreException {
    store.enforceRetention();
  }

  @Override
  public void close() {
    store.close();
  }
}
