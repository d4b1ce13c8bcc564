package io.oplog.store.rocksdb;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.StoreException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that lets the states follow the log. It sleeps while they have. What it writes can be
 * derived again, so after any failure it goes on from the fold position that is stored.
 */
final class Folder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Folder.class);
  private static final int MOST_OPERATIONS = 8192;
  private static final int MOST_BYTES = 2 << 20;
  private static final int FEW_OPERATIONS = 1000;
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final OperationLog log;
  private final States states;
  private final LiveBounds bounds;
  private final LongConsumer folded;
  private final boolean logOnly;
  private final FoldBatch batch = new FoldBatch();
  private final ReadOptions lookup = new ReadOptions();
  private final ReentrantLock writing = new ReentrantLock();
  private final Thread thread = new Thread(this::run, "oplog-fold");
  private volatile boolean idle;
  private volatile boolean stopped;
  private volatile long limit = Long.MAX_VALUE;
  private volatile @Nullable StoreException failure;

  /**
   * @param folded told each new fold position
   * @param logOnly whether the states stay empty, and only the position moves
   */
  Folder(OperationLog log, States states, LiveBounds bounds, LongConsumer folded, boolean logOnly) {
    this.log = log;
    this.states = states;
    this.bounds = bounds;
    this.folded = folded;
    this.logOnly = logOnly;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Says that the head moved. */
  void wake() {
    if (idle) {
      LockSupport.unpark(thread);
    }
  }

  /** Lets the states follow up to here and no further; for tests. */
  void limit(long sequence) {
    writing.lock();
    try {
      limit = sequence;
    } finally {
      writing.unlock();
    }
    wake();
  }

  /** What keeps the states from following; null while they do. */
  @Nullable StoreException failure() {
    return failure;
  }

  private void run() {
    while (!stopped) {
      if (isBehind()) {
        stepOrWait();
        rest();
      } else {
        sleep();
      }
    }
  }

  /** A step costs much the same for one operation as for a hundred: let some come together. */
  private void rest() {
    if (target() - bounds.now().folded() < FEW_OPERATIONS) {
      LockSupport.parkNanos(this, REST_NANOS);
    }
  }

  /** Sleeps until {@link #wake}, which does not wake one that only rests. */
  private void sleep() {
    idle = true;
    if (!isBehind() && !stopped) {
      LockSupport.park(this);
    }
    idle = false;
  }

  private long target() {
    return Math.min(limit, bounds.now().head());
  }

  private boolean isBehind() {
    return bounds.now().folded() < target();
  }

  private void stepOrWait() {
    try {
      step();
      failure = null;
    } catch (StoreException | RuntimeException e) {
      failed(e);
    }
  }

  private void failed(Exception e) {
    StoreException told =
        e instanceof StoreException known
            ? known
            : new StoreException("the states cannot follow the log: " + e, e);
    if (failure == null) {
      LOG.error("the states cannot follow the log; trying again each second", e);
    }
    failure = told;
    LockSupport.parkNanos(this, RETRY_NANOS);
    if (!stopped && !(told instanceof StoreException.Damaged)) {
      recover();
    }
  }

  private void recover() {
    writing.lock();
    try {
      states.reopen(log.incarnation());
    } catch (StoreException e) {
      LOG.debug("the states cannot be opened again yet", e);
    } finally {
      writing.unlock();
    }
  }

  private void step() throws StoreException {
    writing.lock();
    try {
      Bounds from = bounds.now();
      if (from.folded() < target()) {
        collect(from.folded() + 1, target());
        states.write(batch.finish());
        bounds.folded(batch.sequence(), batch.millis());
      }
    } finally {
      batch.clear();
      writing.unlock();
    }
    folded.accept(bounds.now().folded());
  }

  private void collect(long from, long to) throws StoreException {
    states.use(view -> {
      log.use(logView -> {
        collect(logView, view, from, to);
        return true;
      });
      return true;
    });
  }

  private void collect(Database.View logView, Database.View view, long from, long to)
      throws RocksDBException, StoreException {
    try (LogScan scan = new LogScan(logView, from, to)) {
      for (LogBlock block = scan.next(); block != null; block = scan.next()) {
        int start = (int) Math.max(0, from - block.first());
        int end = (int) Math.min(block.count(), to + 1 - block.first());
        for (int i = start; i < end; i++) {
          fold(view, block, i);
        }
        if (batch.count() >= MOST_OPERATIONS || batch.bytes() >= MOST_BYTES) {
          return;
        }
      }
    }
  }

  private void fold(Database.View view, LogBlock block, int index)
      throws RocksDBException, StoreException {
    if (logOnly) {
      batch.pass(block, index);
    } else {
      batch.fold(view, lookup, block, index);
    }
  }

  /** Does something to the states while the fold does not. */
  void exclusively(Step step) throws StoreException {
    writing.lock();
    try {
      step.run();
    } finally {
      writing.unlock();
    }
  }

  /** Something that may fail. */
  interface Step {
    void run() throws StoreException;
  }

  /** Stops after the step that is being done. */
  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    lookup.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
