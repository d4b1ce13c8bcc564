package io.oplog.client.mirror;

import io.oplog.client.RetryPolicy;
import io.oplog.protocol.Filter;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How a mirror is kept.
 *
 * @param filter whose objects it holds; none of others may be in the target
 * @param concurrency how many objects are fetched at once; at least 1
 * @param attempts how often an object is tried before it is a dead letter; at least 1
 * @param retry how long to wait between
 * @param onDeadLetter says what to do with such
 * @param onProgress hears how far a replication is, each second and when it has caught up; called
 *     by the thread that runs the mirror
 */
public record MirrorOptions(
    Filter filter,
    int concurrency,
    int attempts,
    RetryPolicy retry,
    DeadLetterHandler onDeadLetter,
    Consumer<MirrorProgress> onProgress) {

  /** Everything, eight at once, five attempts, and the first object that cannot be had ends it. */
  public static final MirrorOptions USUAL =
      new MirrorOptions(
          Filter.ALL,
          8,
          5,
          new RetryPolicy(Duration.ofMillis(250), Duration.ofSeconds(10), Duration.ZERO),
          DeadLetterHandler.STOPPING,
          progress -> {});

  public MirrorOptions {
    if (concurrency < 1 || attempts < 1) {
      throw new IllegalArgumentException(
          "must be > 0: concurrency=" + concurrency + " attempts=" + attempts);
    }
  }

  public MirrorOptions withFilter(Filter other) {
    return new MirrorOptions(other, concurrency, attempts, retry, onDeadLetter, onProgress);
  }

  public MirrorOptions withConcurrency(int other) {
    return new MirrorOptions(filter, other, attempts, retry, onDeadLetter, onProgress);
  }

  public MirrorOptions withAttempts(int other, RetryPolicy waits) {
    return new MirrorOptions(filter, concurrency, other, waits, onDeadLetter, onProgress);
  }

  public MirrorOptions withOnDeadLetter(DeadLetterHandler other) {
    return new MirrorOptions(filter, concurrency, attempts, retry, other, onProgress);
  }

  public MirrorOptions withOnProgress(Consumer<MirrorProgress> other) {
    return new MirrorOptions(filter, concurrency, attempts, retry, onDeadLetter, other);
  }
}
