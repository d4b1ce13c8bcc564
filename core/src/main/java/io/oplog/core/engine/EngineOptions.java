package io.oplog.core.engine;

import io.oplog.protocol.RefTemplate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Bounds and intervals of the engine.
 *
 * @param maxQueuedOperations operations that may wait for the writer
 * @param maxQueuedBytes memory of what waits for the writer or is being written
 * @param tailBytes bytes of the log's end that are kept in memory for live consumers
 * @param pageBytes bytes of pages that all consumers that are behind may hold, read ahead as much
 *     again
 * @param readers threads that read the store for consumers that are behind
 * @param streams intervals and limits of each stream
 * @param retentionInterval how often retention is enforced
 * @param objectUrl where an object can be fetched, or null
 */
public record EngineOptions(
    int maxQueuedOperations,
    long maxQueuedBytes,
    long tailBytes,
    long pageBytes,
    int readers,
    StreamTimes streams,
    Duration retentionInterval,
    @Nullable RefTemplate objectUrl) {

  /** What fits the {@link Heap}. */
  public static EngineOptions defaults() {
    return new EngineOptions(
        1_000_000,
        Heap.parts(3, 256L << 20),
        Heap.parts(1.5, 32L << 20),
        Heap.parts(0.75, Long.MAX_VALUE),
        2,
        StreamTimes.defaults(),
        Duration.ofSeconds(10),
        null);
  }

  public EngineOptions withQueue(int operations, long bytes) {
    return new EngineOptions(
        operations, bytes, tailBytes, pageBytes, readers, streams, retentionInterval, objectUrl);
  }

  public EngineOptions withTailBytes(long bytes) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        bytes,
        pageBytes,
        readers,
        streams,
        retentionInterval,
        objectUrl);
  }

  public EngineOptions withReaders(int threads) {
    return new EngineOptions(
        maxQueuedOperations,
        maxQueuedBytes,
        tailBytes,
        pageBytes,
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
        pageBytes,
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
        pageBytes,
        readers,
        streams,
        retentionInterval,
        template);
  }
}
