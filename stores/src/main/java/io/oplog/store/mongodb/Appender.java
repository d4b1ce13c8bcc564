package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import io.oplog.core.store.StoreException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Puts blocks at the end of the chain: of several agents that try the same place one succeeds, and
 * the others try the next. They take {@link Turns}.
 *
 * <p>Appends are one thread's; the rest is thread-safe.
 */
final class Appender {
  private static final long RETRY_MILLIS = 100;

  /** A try of another agent takes about as long as one of ours, and hearing of it as long again. */
  private static final long TRIES_A_TURN = 2;

  private static final long MOST_WAIT_NANOS = 50_000_000;

  /** Makes the block that follows a place; null when there is nothing to append. */
  interface Next {
    @Nullable Block after(Place place) throws StoreException;
  }

  private final BlockLog log;
  private final Chain chain;
  private final Duration patience;
  private final LongAdder conflicts = new LongAdder();
  private volatile boolean refusing;
  private volatile boolean closed;

  /** The block that is being inserted, and whether it was met in the chain. */
  private volatile @Nullable ObjectId inserting;

  private volatile boolean met;
  private final Turns turns;
  private long tookNanos;

  /**
   * @param patience how long an append tries; one after it a tenth of that until one succeeds
   */
  Appender(BlockLog log, Chain chain, Turns turns, Duration patience) {
    this.log = log;
    this.chain = chain;
    this.turns = turns;
    this.patience = patience;
  }

  /** Whether the last append failed for now. */
  boolean isRefusing() {
    return refusing;
  }

  /** Tries that came too late. */
  long conflicts() {
    return conflicts.sum();
  }

  /** Lets an append that does not get through give up. */
  void close() {
    closed = true;
  }

  /**
   * A block is known to be in the chain, whoever inserted it. Told before the chain's end moves.
   */
  void known(Block block) {
    if (block.nonce().equals(inserting)) {
      met = true;
    }
    turns.appended(block.agent(), System.nanoTime());
  }

  /** When an append or a question that begins now gives up: a value of {@code nanoTime}. */
  long deadline() {
    long nanos = patience.toNanos();
    return System.nanoTime() + (refusing ? nanos / 10 : nanos);
  }

  /**
   * Tries one place of the chain after the other until a block is in.
   *
   * @throws StoreException.Unavailable when it may be in the chain or not
   */
  void append(Next next) throws StoreException {
    try {
      appendWithin(deadline(), next);
      refusing = false;
    } catch (StoreException.Unavailable e) {
      refusing = true;
      throw e;
    }
  }

  private void appendWithin(long end, Next next) throws StoreException {
    boolean done = false;
    while (!done) {
      awaitTurn();
      Place place = chain.end();
      Block block = next.after(place);
      done = block == null ? isEnd(place) : append(block, end);
      if (!done) {
        conflicts.increment();
        chain.requireBeyond(place.number(), end);
      }
    }
  }

  /** Waits while it is another's turn who does append; not for ever. */
  private void awaitTurn() throws StoreException.Unavailable {
    long end = System.nanoTime() + MOST_WAIT_NANOS;
    boolean moved = true;
    while (moved) {
      long number = chain.end().number();
      long now = System.nanoTime();
      long wait = Math.min(end - now, TRIES_A_TURN * turns.before(now) * tookNanos);
      moved = wait > 0 && chain.awaitBeyond(number, TimeUnit.NANOSECONDS.toMillis(wait) + 1);
    }
  }

  /** What was decided for this place holds only if it is still the end. */
  private boolean isEnd(Place place) throws StoreException {
    try {
      return log.isLast(place.number());
    } catch (MongoException e) {
      throw Failures.unavailable("the log cannot be read", e);
    }
  }

  /**
   * Whether the block is in the chain. Where its place is taken, it may be by the block itself: its
   * key is taken at once, but it is read when a majority has it, and only then that is told.
   */
  private boolean append(Block block, long end) throws StoreException {
    met = false;
    inserting = block.nonce();
    long begun = System.nanoTime();
    if (insert(block, end)) {
      chain.add(block);
    } else {
      chain.requireBeyond(block.number() - 1, end);
    }
    if (met) {
      tookNanos = System.nanoTime() - begun;
    }
    return met;
  }

  /** Whether the block is in the chain; if not, its place is taken. Tried until that is known. */
  private boolean insert(Block block, long endNanos) throws StoreException {
    while (true) {
      try {
        return log.insert(block);
      } catch (MongoException e) {
        if (Failures.isFinal(e) || System.nanoTime() > endNanos || closed) {
          throw Failures.unavailable("the log cannot be written", e);
        }
        pause();
      }
    }
  }

  private static void pause() throws StoreException {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new StoreException.Unavailable("interrupted", null);
    }
  }
}
