package io.oplog.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A response's body as chunks that a reader waits for with a time limit, which an {@code
 * InputStream} of the JDK's client cannot. At most {@value #AHEAD} chunks are asked for ahead of
 * the reader; the rest waits in the network.
 */
final class ByteChunks implements HttpResponse.BodySubscriber<ByteChunks> {
  private static final int AHEAD = 4;

  // AHEAD chunks, and the end
  private final BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(AHEAD + 1);
  private volatile Flow.@Nullable Subscription subscription;
  private volatile boolean cancelled;

  private record Chunk(List<ByteBuffer> bytes, @Nullable Throwable failure) {
    boolean isEnd() {
      return bytes.isEmpty();
    }
  }

  @Override
  public CompletionStage<ByteChunks> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    subscription = newSubscription;
    if (cancelled) {
      newSubscription.cancel();
    } else {
      newSubscription.request(AHEAD);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    if (bytes.isEmpty()) {
      request();
    } else {
      queue.add(new Chunk(bytes, null));
    }
  }

  @Override
  public void onError(Throwable failure) {
    queue.offer(new Chunk(List.of(), failure));
  }

  @Override
  public void onComplete() {
    queue.offer(new Chunk(List.of(), null));
  }

  /**
   * Waits for the next bytes.
   *
   * @return null at the end
   * @throws IOException when the connection broke, or nothing came for {@code silence}
   */
  @Nullable List<ByteBuffer> next(Duration silence) throws IOException, InterruptedException {
    List<ByteBuffer> bytes = poll(silence.toNanos());
    if (bytes != null && bytes.isEmpty()) {
      throw new IOException("nothing was heard for " + Http.seconds(silence));
    }
    return bytes;
  }

  /**
   * As {@link #next}, for a moment.
   *
   * @return nothing when nothing came in that time; null at the end
   * @throws IOException when the connection broke
   */
  @Nullable List<ByteBuffer> poll(long nanos) throws IOException, InterruptedException {
    Chunk chunk = queue.poll(nanos, TimeUnit.NANOSECONDS);
    if (chunk == null) {
      return List.of();
    }
    if (!chunk.isEnd()) {
      request();
      return chunk.bytes();
    }
    queue.offer(chunk); // the end stays the end
    if (chunk.failure() != null) {
      throw new IOException(Backoff.reason(chunk.failure()), chunk.failure());
    }
    return null;
  }

  /** Ends the response; a reader that waits hears the end. */
  void cancel() {
    cancelled = true;
    Flow.Subscription current = subscription;
    if (current != null) {
      current.cancel();
    }
    queue.offer(new Chunk(List.of(), null));
  }

  private void request() {
    Flow.Subscription current = subscription;
    if (current != null) {
      current.request(1);
    }
  }
}
