package io.oplog.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of an answer's body, and whether that is all of it.
 *
 * @param text as UTF-8; what follows the limit was not read
 * @param isWhole whether the body ended within the limit
 */
record BoundedText(String text, boolean isWhole) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Reads at most so many bytes, then ends the connection. */
  static HttpResponse.BodyHandler<BoundedText> upTo(int maxBytes) {
    return info -> new Reader(maxBytes);
  }

  /**
   * Reads what there is of a body, for whom the status is what counts: to its end, a limit, or
   * where it breaks off or takes too long.
   */
  static String read(ByteChunks body, int maxBytes) throws InterruptedException {
    Deadline end = Deadline.after(PATIENCE);
    Bytes bytes = new Bytes(maxBytes);
    boolean hasEnded = false;
    try {
      while (!hasEnded && !bytes.passedLimit() && !end.isOver()) {
        List<ByteBuffer> chunk = body.poll(end.left());
        hasEnded = chunk == null;
        bytes.add(chunk == null ? List.of() : chunk);
      }
    } catch (IOException e) {
      hasEnded = true;
    } finally {
      if (!hasEnded) {
        body.cancel();
      }
    }
    return bytes.toText().text();
  }

  /** Collects bytes up to a limit. Thread-confined. */
  static final class Bytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int maxBytes;
    private boolean passed;

    Bytes(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    void add(List<ByteBuffer> chunk) {
      for (ByteBuffer part : chunk) {
        byte[] taken = new byte[Math.min(part.remaining(), maxBytes - bytes.size())];
        passed |= taken.length < part.remaining();
        part.get(taken);
        bytes.write(taken, 0, taken.length);
      }
    }

    boolean passedLimit() {
      return passed;
    }

    BoundedText toText() {
      return new BoundedText(bytes.toString(StandardCharsets.UTF_8), !passed);
    }
  }

  private static final class Reader implements HttpResponse.BodySubscriber<BoundedText> {
    private final CompletableFuture<BoundedText> body = new CompletableFuture<>();
    private final Bytes bytes;
    private Flow.@Nullable Subscription subscription;

    Reader(int maxBytes) {
      this.bytes = new Bytes(maxBytes);
    }

    @Override
    public CompletionStage<BoundedText> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
      subscription = newSubscription;
      newSubscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> chunk) {
      bytes.add(chunk);
      if (bytes.passedLimit() && subscription != null) {
        subscription.cancel();
        onComplete();
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toText());
    }
  }
}
