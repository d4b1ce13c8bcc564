package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Trouble;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The chain as this process knows it, to its end. One thread reads what others append; what this
 * process appends it need not read. Whoever comes to know the next block tells the listener, so
 * that this hears every block once and in order. Thread-safe.
 */
final class Chain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Chain.class);
  private static final long PAGE_BYTES = 4 << 20;
  private static final long LOOK_MILLIS = 1000;
  private static final long RETRY_MILLIS = 500;
  private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final BlockLog log;
  private final Consumer<Block> listener;
  private final Worker reader = new Worker("oplog-mongodb-chain", this::readOn);
  private final Trouble trouble =
      new Trouble(LOG, "The log cannot be read", "The log can be read again");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private Place end;
  private boolean closed;

  /** Since when the reader waits for an answer; 0 while it does not. */
  private volatile long asking;

  /** When it was last read to its end. */
  private volatile long readAt = System.nanoTime();

  /**
   * @param end up to where the listener was told
   * @param listener told of each block after it; under a lock, so it must not wait
   */
  Chain(BlockLog log, Place end, Consumer<Block> listener) {
    this.log = log;
    this.end = end;
    this.listener = listener;
  }

  void start() {
    reader.start();
  }

  Place end() {
    lock.lock();
    try {
      return end;
    } finally {
      lock.unlock();
    }
  }

  /** There may be something new. */
  void ring() {
    reader.ring();
  }

  /** A block is in the chain that follows the end, or was heard of already. */
  void add(Block block) {
    lock.lock();
    try {
      if (block.number() > end.number()) {
        end = block.end();
        listener.accept(block);
        moved.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the end is beyond a block.
   *
   * @return whether it is
   * @throws StoreException.Unavailable when the thread is interrupted
   */
  boolean awaitBeyond(long number, long limitMillis) throws StoreException.Unavailable {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
      while (end.number() <= number && !closed && nanos > 0) {
        nanos = moved.awaitNanos(nanos);
      }
      return end.number() > number;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new StoreException.Unavailable("interrupted", null);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has the log read until the end is beyond a block.
   *
   * @param endNanos when to give up: a value of {@code nanoTime}
   * @throws StoreException.Unavailable when it was not by then
   */
  void requireBeyond(long number, long endNanos) throws StoreException.Unavailable {
    ring();
    long left = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
    if (!awaitBeyond(number, Math.max(left, 1))) {
      throw new StoreException.Unavailable("the log cannot be read to its end", null);
    }
  }

  private void readOn() {
    try {
      boolean more = read();
      trouble.over();
      if (!more) {
        readAt = System.nanoTime();
        reader.await(LOOK_MILLIS);
      }
    } catch (MongoException e) {
      complain(Failures.reason(e));
    } catch (StoreException e) {
      complain(e.getMessage());
    }
  }

  private void complain(String reason) {
    if (!reader.isStopped()) {
      trouble.met(reason);
      reader.await(RETRY_MILLIS);
    }
  }

  /** Reads what is after the end; whether there was something. */
  private boolean read() throws StoreException {
    asking = System.nanoTime() | 1;
    try {
      List<Block> blocks = log.after(end().number(), PAGE_BYTES);
      blocks.forEach(this::add);
      return !blocks.isEmpty();
    } finally {
      asking = 0;
    }
  }

  /** Why the chain cannot be read now; null when it can. Asks nobody. */
  @Nullable String trouble() {
    long since = asking;
    boolean stalled = since != 0 && System.nanoTime() - since > STALL_NANOS;
    return stalled ? "MongoDB does not answer" : trouble.reason();
  }

  /** Since it was last read to its end. */
  long staleMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - readAt);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    boolean _ = reader.stop();
  }
}
