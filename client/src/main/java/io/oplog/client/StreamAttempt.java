package io.oplog.client;

import io.oplog.client.RefusedException.Access;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A stream that was asked for: its answer, and then its bytes. {@link #cancel} is for any thread.
 */
final class StreamAttempt {
  private static final int MAX_PROBLEM_BYTES = 64 * 1024;

  private final Endpoint endpoint;
  private final CompletableFuture<HttpResponse<ByteChunks>> answer;
  private final ByteChunks body;

  /**
   * An attempt on its way.
   *
   * @param body what the answer's bytes go to
   */
  StreamAttempt(
      Endpoint endpoint, CompletableFuture<HttpResponse<ByteChunks>> answer, ByteChunks body) {
    this.endpoint = endpoint;
    this.answer = answer;
    this.body = body;
  }

  /**
   * Waits for an answer that is a stream.
   *
   * @param limit how long the answer may take
   * @throws RefusedException when trying again would not help
   * @throws IOException for every other reason
   */
  void awaitStream(Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    HttpResponse<ByteChunks> head = Http.await(endpoint, answer, limit);
    if (head.statusCode() == 200) {
      StreamRequest.requireStream(endpoint, head.headers());
    } else if (Problem.passing(head.statusCode())) {
      throw Problem.busy(endpoint, head);
    } else {
      throw Problem.refused(endpoint, Access.STREAM, head, problem(head.statusCode(), end));
    }
  }

  /** As much of a refusal's body as is read at most, until a moment. */
  private String problem(int status, long endNanos) throws IOException, InterruptedException {
    BoundedText.Bytes text = new BoundedText.Bytes(MAX_PROBLEM_BYTES);
    List<ByteBuffer> chunk = List.of();
    while (chunk != null && !text.passedLimit()) {
      text.add(chunk);
      long left = endNanos - System.nanoTime();
      if (left <= 0) {
        throw new IOException(endpoint + " answered " + status + " with a body that does not end");
      }
      chunk = body.next(Duration.ofNanos(left));
    }
    return text.toText().text();
  }

  /** As {@link ByteChunks#poll}. */
  @Nullable List<ByteBuffer> poll(long nanos) throws IOException, InterruptedException {
    return body.poll(nanos);
  }

  /** Ends it; a thread that waits hears so. */
  void cancel() {
    answer.cancel(true);
    body.cancel();
  }
}
