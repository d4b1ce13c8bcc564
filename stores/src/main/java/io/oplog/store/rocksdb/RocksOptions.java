package io.oplog.store.rocksdb;

import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreClock;

/**
 * How a {@link RocksStore} behaves.
 *
 * @param durability what an acknowledged operation survives
 * @param retention how much is kept
 * @param clock the clocks that commit times and ages are taken from
 * @param cacheBytes memory for blocks of the states that were read, shared by all of them
 * @param maxOpenFiles files that each of the two databases may keep open, at least 20
 * @param logOnly whether no states are kept: a log that is read once, such as the spool of an agent
 * @param maxLogBytes bytes of frames in the log beyond which nothing is appended
 */
public record RocksOptions(
    Durability durability,
    Retention retention,
    StoreClock clock,
    long cacheBytes,
    int maxOpenFiles,
    boolean logOnly,
    long maxLogBytes) {
  /** Beyond this many, more bring nothing. */
  public static final int MOST_OPEN_FILES = 1000;

  public static RocksOptions defaults() {
    return new RocksOptions(
        Durability.DISK,
        Retention.DEFAULTS,
        StoreClock.SYSTEM,
        64L << 20,
        MOST_OPEN_FILES,
        false,
        Long.MAX_VALUE);
  }

  public RocksOptions withDurability(Durability level) {
    return new RocksOptions(
        level, retention, clock, cacheBytes, maxOpenFiles, logOnly, maxLogBytes);
  }

  public RocksOptions withRetention(Retention kept) {
    return new RocksOptions(
        durability, kept, clock, cacheBytes, maxOpenFiles, logOnly, maxLogBytes);
  }

  public RocksOptions withClock(StoreClock clocks) {
    return new RocksOptions(
        durability, retention, clocks, cacheBytes, maxOpenFiles, logOnly, maxLogBytes);
  }

  public RocksOptions withCacheBytes(long bytes) {
    return new RocksOptions(
        durability, retention, clock, bytes, maxOpenFiles, logOnly, maxLogBytes);
  }

  public RocksOptions withMaxOpenFiles(int files) {
    return new RocksOptions(durability, retention, clock, cacheBytes, files, logOnly, maxLogBytes);
  }

  /** Keeps the log alone, of at most so many bytes of frames, give or take a batch. */
  public RocksOptions withLogOnly(long maxBytes) {
    return new RocksOptions(durability, retention, clock, cacheBytes, maxOpenFiles, true, maxBytes);
  }
}
