package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import io.oplog.core.store.StoreException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
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
  private static final long CLOSE_MILLIS = 5000;

  private final BlockLog log;
  private final Consumer<Block> listener;
  private final Thread reader = new Thread(this::readOn, "oplog-mongodb-chain");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Bell bell = new Bell();
  private Place end;
  private boolean closed;
  private boolean readable = true;

  /**
   * @param end up to where the listener was told
   * @param listener told of each block after it; under a lock, so it must not wait
   */
  Chain(BlockLog log, Place end, Consumer<Block> listener) {
    this.log = log;
    this.end = end;
    this.listener = listener;
    reader.setDaemon(true);
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
    bell.ring();
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
   */
  boolean awaitBeyond(long number, long limitMillis) throws InterruptedException {
    long nanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
    lock.lockInterruptibly();
    try {
      while (end.number() <= number && !closed && nanos > 0) {
        nanos = moved.awaitNanos(nanos);
      }
      return end.number() > number;
    } finally {
      lock.unlock();
    }
  }

  private void readOn() {
    while (!isClosed()) {
      try {
        boolean more = read();
        readable = true;
        if (!more) {
          bell.await(LOOK_MILLIS);
        }
      } catch (MongoException | StoreException e) {
        complain(e);
        bell.await(RETRY_MILLIS);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void complain(Exception e) {
    if (readable && !isClosed()) {
      LOG.warn("The log cannot be read: {}", String.valueOf(e.getMessage()));
    }
    readable = false;
  }

  /** Reads what is after the end; whether there was something. */
  private boolean read() throws StoreException, InterruptedException {
    List<Block> blocks = log.after(end().number(), PAGE_BYTES);
    blocks.forEach(this::add);
    return !blocks.isEmpty();
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed || Thread.currentThread().isInterrupted();
    } finally {
      lock.unlock();
    }
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
    bell.ring();
    try {
      reader.join(CLOSE_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    reader.interrupt();
  }
}
