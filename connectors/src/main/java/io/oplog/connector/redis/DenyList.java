package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.io.IOException;
import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Databases of which nothing is published, as an operator says while the relay runs. Kept in Redis,
 * so that all copies have the same, each within a second, and a restart changes nothing. What is
 * not published meanwhile is not published later. Thread-safe.
 */
public final class DenyList {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final RedisServer server;
  private final byte[] key;
  private final LongAdder discarded = new LongAdder();
  private volatile Set<String> known = Set.of();
  private volatile long readAt = System.nanoTime() - FRESH_NANOS;

  DenyList(RedisServer server, String key) {
    this.server = server;
    this.key = key.getBytes(UTF_8);
  }

  /** An addition or a removal. */
  private interface Change {
    RedisFuture<Long> on(RedisAsyncCommands<byte[], byte[]> redis);
  }

  /** The databases, as they are now. */
  public SortedSet<String> databases() throws IOException, InterruptedException {
    read();
    return Collections.unmodifiableSortedSet(new TreeSet<>(known));
  }

  private void read() throws IOException, InterruptedException {
    SortedSet<String> names = new TreeSet<>();
    for (byte[] name : server.ask(redis -> server.await(redis.smembers(key)))) {
      names.add(new String(name, UTF_8));
    }
    known = Set.copyOf(names);
    readAt = System.nanoTime();
  }

  /**
   * Adds a database.
   *
   * @return false when it was there already
   */
  public boolean add(String database) throws IOException, InterruptedException {
    return change(redis -> redis.sadd(key, database.getBytes(UTF_8)));
  }

  /**
   * Removes a database.
   *
   * @return false when it was not there
   */
  public boolean remove(String database) throws IOException, InterruptedException {
    return change(redis -> redis.srem(key, database.getBytes(UTF_8)));
  }

  private boolean change(Change change) throws IOException, InterruptedException {
    boolean isChanged = server.ask(redis -> server.await(change.on(redis))) > 0;
    read();
    return isChanged;
  }

  /** Looks at what others have changed, where that was a while ago. */
  void refresh() throws IOException, InterruptedException {
    if (System.nanoTime() - readAt >= FRESH_NANOS) {
      read();
    }
  }

  /** Whether nothing of a database is published, as of the last look. Counts what is not. */
  boolean denies(String database) {
    boolean isDenied = !known.isEmpty() && known.contains(database);
    if (isDenied) {
      discarded.increment();
    }
    return isDenied;
  }

  /** How many changes were not published because of it. */
  public long discarded() {
    return discarded.sum();
  }
}
