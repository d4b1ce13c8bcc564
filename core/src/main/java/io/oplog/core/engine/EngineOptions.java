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
 * @param streams intervals and limits of each stream
 * @param retentionInterval how often retention is enforced
 * @param objectUrl where an object can be fetched, or null
 */
public record EngineOptions(
    int maxQueuedOperations,
    long maxQueuedBytes,
    long tailBytes,
    int readers,
    StreamTimes streams,
    Duration retentionInterval,
    @Nullable RefTemplate objectUrl) {

  public static EngineOptions defaults() {
    return new EngineOptions(
        1_000_000, 256L << 20, 32L << 20, 2, StreamTimes.defaults(), Duration.ofSeconds(10), null);
  }

  public EngineOptions withQueue(int operations, long bytes) {
    return new EngineOptions(
        operations, bytes, tailBytes, readers, streams, retentionInterval, objectUrl);
  }

  public EngineOptions withTailBytes(long bytes) {
    return new EngineOptions(
        maxQueuedOperations, maxQueuedBytes, bytes, readers, streams, retentionInterval, objectUrl);
  }

  public EngineOptions withReaders(int threads) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        threads,
        streams,
        retentionInterval,
        objectUrl);
  }

  public EngineOptions withStreams(StreamTimes times) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        readers,
        times,
        retentionInterval,
        objectUrl);
  }

  public EngineOptions withObjectUrl(RefTemplate template) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        readers,
        streams,
        retentionInterval,
        template);
  }
}
