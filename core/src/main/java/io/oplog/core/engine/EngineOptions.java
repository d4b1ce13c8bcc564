package io.oplog.core.engine;

import io.oplog.protocol.RefTemplate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds and intervals of the engine.
 *
 * @param maxQueuedOperations operations that may wait for the writer
 * @param maxQueuedBytes bytes of frames that may wait for the writer
 * @param tailBytes bytes of the log's end that are kept in memory for live consumers
 * @param readers threads that read the store for consumers that are behind
 * @param heartbeat silence after which a stream gets a heartbeat
 * @param progressInterval how often a stream that asked for it hears of its position while others'
 *     operations pass
 * @param writeTimeout how long a consumer may take nothing before it is closed
 * @param maxConnectionAge age at which a stream is closed, give or take a tenth; zero is never
 * @param retentionInterval how often retention is enforced
 * @param objectUrl where an object can be fetched, or null
 */
public record EngineOptions(
    int maxQueuedOperations,
    long maxQueuedBytes,
    long tailBytes,
    int readers,
    Duration heartbeat,
    Duration progressInterval,
    Duration writeTimeout,
    Duration maxConnectionAge,
    Duration retentionInterval,
    @Nullable RefTemplate objectUrl) {

  public static EngineOptions defaults() {
    return new EngineOptions(
        1_000_000,
        256L << 20,
        32L << 20,
        2,
        Duration.ofSeconds(25),
        Duration.ofSeconds(5),
        Duration.ofSeconds(60),
        Duration.ZERO,
        Duration.ofSeconds(10),
        null);
  }

  public EngineOptions withQueue(int operations, long bytes) {
    return new EngineOptions(
        operations,
        bytes,
        tailBytes,
        readers,
        heartbeat,
        progressInterval,
        writeTimeout,
        maxConnectionAge,
        retentionInterval,
        objectUrl);
  }

  public EngineOptions withTailBytes(long bytes) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        bytes,
        readers,
        heartbeat,
        progressInterval,
        writeTimeout,
        maxConnectionAge,
        retentionInterval,
        objectUrl);
  }

  public EngineOptions withReaders(int threads) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        threads,
        heartbeat,
        progressInterval,
        writeTimeout,
        maxConnectionAge,
        retentionInterval,
        objectUrl);
  }

  /** The intervals of a stream's own events. */
  public EngineOptions withIntervals(Duration heartbeat, Duration progressInterval) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        readers,
        heartbeat,
        progressInterval,
        writeTimeout,
        maxConnectionAge,
        retentionInterval,
        objectUrl);
  }

  /** When a stream is ended by the server. */
  public EngineOptions withConnectionLimits(Duration writeTimeout, Duration maxConnectionAge) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        readers,
        heartbeat,
        progressInterval,
        writeTimeout,
        maxConnectionAge,
        retentionInterval,
        objectUrl);
  }

  public EngineOptions withRetentionInterval(Duration interval) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        readers,
        heartbeat,
        progressInterval,
        writeTimeout,
        maxConnectionAge,
        interval,
        objectUrl);
  }

  public EngineOptions withObjectUrl(RefTemplate template) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        readers,
        heartbeat,
        progressInterval,
        writeTimeout,
        maxConnectionAge,
        retentionInterval,
        template);
  }
}
