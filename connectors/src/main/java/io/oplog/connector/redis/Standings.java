package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Where sources stand, and how far this copy has come with them. Not thread-safe. */
final class Standings {
  private static final byte[] POSITION = "position".getBytes(UTF_8);
  private static final byte[] AT = "at".getBytes(UTF_8);

  private final RedisServer server;
  private final Duration catchUp;

  /** As they were read, until something is put. */
  private final Map<String, Standing> read = new HashMap<>();

  /** What this copy has put, for a Redis that forgets. */
  private final Map<String, Put> puts = new HashMap<>();

  /** A position up to which everything is published, and when that became known. */
  private record Put(String position, long nanos) {}

  Standings(RedisServer server, Duration catchUp) {
    this.server = server;
    this.catchUp = catchUp;
  }

  /** Where a source stood when that was last read; where the caller says, if it was not. */
  Standing last(String source, Optional<String> from) {
    String given = from.orElse("");
    return read.getOrDefault(source, new Standing(given, given, 0));
  }

  /** Asks where a source stands. */
  Standing read(String source, String key) throws IOException, InterruptedException {
    Standing stored = server.begin(redis -> stored(redis, key.getBytes(UTF_8)));
    Put put = puts.get(source);
    Standing now = put != null && hasForgotten(stored, put) ? remembered(stored, put) : stored;
    read.put(source, now);
    return now;
  }

  private Standing stored(RedisAsyncCommands<byte[], byte[]> redis, byte[] key)
      throws ExecutionException, TimeoutException, InterruptedException {
    RedisFuture<List<KeyValue<byte[], byte[]>>> hash = redis.hmget(key, POSITION, AT);
    RedisFuture<List<byte[]>> time = redis.time();
    List<KeyValue<byte[], byte[]>> fields = server.await(hash);
    String now = text(server.await(time).getFirst());
    String position = text(fields.getFirst().getValueOrElse(new byte[0]));
    String at = text(fields.getLast().getValueOrElse(now.getBytes(UTF_8)));
    return new Standing(position, position, Long.parseLong(now) - Long.parseLong(at));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  /**
   * Nothing is there, or what is there is older than what this copy has put: an earlier state of
   * the server's, as it has after a crash, or on a replica that took over. Another copy that goes
   * on meanwhile moves the position, and then it is not older. Who listens at a replica that took
   * over may not have heard what it does not have: there that is published again, within the limit.
   */
  private boolean hasForgotten(Standing stored, Put put) {
    return stored.stored().isEmpty()
        || (stored.seconds() > seconds(put) + 1
            && (!server.hasSentinels() || stored.isOlderThan(catchUp)));
  }

  private static Standing remembered(Standing stored, Put put) {
    return new Standing(stored.stored(), put.position(), seconds(put));
  }

  private static long seconds(Put put) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - put.nanos());
  }

  /** Everything of a source up to a position is published. */
  void put(String source, String position) {
    puts.put(source, new Put(position, System.nanoTime()));
    read.remove(source);
  }
}
