package io.oplog.client;

import io.oplog.client.RefusedException.Access;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A stream that was asked for: its answer, and then its bytes. Thread-confined but for {@link
 * #cancel}.
 */
final class StreamAttempt {
  private static final int MAX_PROBLEM_BYTES = 64 * 1024;

  private final Endpoint endpoint;
  private final CompletableFuture<Head> answer;
  private final ByteChunks body;
  private final Duration limit;
  private final Deadline end;
  private boolean isStream;

  /**
   * An attempt on its way.
   *
   * @param body what the answer's bytes go to
   * @param limit how long the answer may take, from now on
   */
  StreamAttempt(
      Endpoint endpoint, CompletableFuture<Head> answer, ByteChunks body, Duration limit) {
    this.endpoint = endpoint;
    this.answer = answer;
    this.body = body;
    this.limit = limit;
    this.end = Deadline.after(limit);
  }

  /** Whether it was answered with a stream. */
  boolean isStream() {
    return isStream;
  }

  /**
   * Waits for an answer that is a stream, until a moment.
   *
   * @return false when there was no answer in that time
   * @throws RefusedException when trying again would not help
   * @throws IOException for every other reason
   */
  boolean awaitStream(Deadline moment) throws IOException, InterruptedException {
    Optional<Head> head = Http.poll(endpoint, answer, Math.min(moment.left(), end.left()));
    if (head.isEmpty() && end.isOver()) {
      throw new IOException("no answer from " + endpoint + " within " + Http.seconds(limit));
    }
    if (head.isPresent()) {
      requireStream(head.get());
      isStream = true;
    }
    return isStream;
  }

  private void requireStream(Head head) throws IOException, InterruptedException {
    if (head.status() == 200) {
      StreamRequest.requireStream(endpoint, head.headers());
    } else if (Problem.passing(head.status())) {
      throw Problem.busy(endpoint, head);
    } else {
      String text = BoundedText.read(body, MAX_PROBLEM_BYTES);
      throw Problem.refused(endpoint, Access.STREAM, head.status(), head.headers(), text);
    }
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
