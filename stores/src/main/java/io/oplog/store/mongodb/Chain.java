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
 * The chain as this process knows it, to its end. What this process appends it need not read, and
 * what others append the feed brings; a thread reads whatever came to be known by neither. Whoever
 * comes to know the next block tells the listener, so that this hears every block once and in
 * order. Thread-safe.
 *
 * <p>A block of the feed is taken as it is only when it follows the end, and the chain was read to
 * its end after the feed was opened. Then the feed brings every block after that end in the order
 * of their numbers, and what an agent that stood still inserts where another block was dropped
 * comes after that other block, so it is no news. But the read may have been answered from before
 * the feed's start, and the feed leaves out what this process inserts itself: a block that comes
 * before its predecessor is known shows that. The feed counts as opened anew then, so that nothing
 * of it is taken until a read that began later has reached the end.
 */
final class Chain implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Chain.class);
  private static final long PAGE_BYTES = 4 << 20;
  private static final long LOOK_MILLIS = 1000;
  private static final long RETRY_MILLIS = 500;

  /** What somebody has inserted the feed brings sooner, or not at all. */
  private static final long FEED_MILLIS = 50;

  private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final BlockLog log;
  private final Consumer<Block> listener;
  private final Worker reader = new Worker("oplog-mongodb-chain", this::readOn);
  private final Trouble trouble =
      new Trouble(LOG, "The log cannot be read", "The log can be read again");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private Place end = Place.START;
  private boolean closed;

  /** How often the feed was opened or cut, or left something out. */
  private int feeds;

  private boolean fed;

  /** Whether the chain was read to its end since the feed was opened. */
  private boolean caughtUp;

  /** Since when the reader waits for an answer; 0 while it does not. */
  private volatile long asking;

  /** When it was last read to its end. */
  private volatile long readAt = System.nanoTime();

  /**
   * @param listener told of each block after the start; under a lock, so it must not wait
   */
  Chain(BlockLog log, Consumer<Block> listener) {
    this.log = log;
    this.listener = listener;
  }

  /**
   * Begins to read.
   *
   * @param known the end so far, of which the listener is not told
   */
  void start(Place known) {
    lock.lock();
    try {
      end = known;
    } finally {
      lock.unlock();
    }
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

  /** From now on {@link #heard} is called with every block of another agent. */
  void fed() {
    feed(true);
  }

  /** No more. */
  void unfed() {
    feed(false);
  }

  private void feed(boolean opened) {
    lock.lock();
    try {
      feeds++;
      fed = opened;
      caughtUp = false;
    } finally {
      lock.unlock();
    }
    ring();
  }

  /**
   * A block of another agent could not be taken from the feed: what comes after it may be stale.
   */
  void missed() {
    lock.lock();
    try {
      feed(fed);
    } finally {
      lock.unlock();
    }
  }

  /** Another agent's block was inserted. */
  void heard(Block block) {
    lock.lock();
    try {
      long ahead = closed ? 0 : block.number() - end.number();
      if (ahead == 1 && caughtUp && follows(block)) {
        add(block);
      } else if (ahead == 1 && !caughtUp) {
        ring();
      } else if (ahead > 0) {
        missed();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A stale block is mostly one of another length, too. */
  private boolean follows(Block block) {
    return block.before().sequence() == end.sequence() && block.before().bytes() == end.bytes();
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
   * Waits for the feed, or has the log read, until the end is beyond a block.
   *
   * @param endNanos when to give up: a value of {@code nanoTime}
   * @throws StoreException.Unavailable when it was not by then
   */
  void requireBeyond(long number, long endNanos) throws StoreException.Unavailable {
    if (isTrusted() && awaitBeyond(number, FEED_MILLIS)) {
      return;
    }
    ring();
    long left = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
    if (!awaitBeyond(number, Math.max(left, 1))) {
      throw new StoreException.Unavailable("the log cannot be read to its end", null);
    }
  }

  /** Whether the next block is taken from the feed as it is. */
  boolean isTrusted() {
    lock.lock();
    try {
      return fed && caughtUp;
    } finally {
      lock.unlock();
    }
  }

  private void readOn() {
    try {
      int before = feeds();
      boolean more = read();
      trouble.over();
      if (!more) {
        readAt = System.nanoTime();
        caughtUp(before);
        reader.await(LOOK_MILLIS);
      }
    } catch (MongoException e) {
      complain(Failures.reason(e));
    } catch (StoreException e) {
      complain(e.getMessage());
    }
  }

  private int feeds() {
    lock.lock();
    try {
      return feeds;
    } finally {
      lock.unlock();
    }
  }

  /** The chain was read to its end, by a read that began when the feed was the one of then. */
  private void caughtUp(int feedsBefore) {
    lock.lock();
    try {
      caughtUp |= fed && feeds == feedsBefore;
    } finally {
      lock.unlock();
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
