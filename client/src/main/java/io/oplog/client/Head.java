package io.oplog.client;

import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.util.concurrent.CompletableFuture;

/**
 * The beginning of an answer, and where its body comes.
 *
 * @param status the HTTP status
 */
record Head(int status, HttpHeaders headers, ByteChunks body) {

  /**
   * Sends a request.
   *
   * @param body what the answer's bytes go to
   * @return the beginning of the answer, also where its body fails at once, which the JDK's own
   *     future hides. To be cancelled before it comes; later its body is
   */
  static CompletableFuture<Head> of(HttpRequest request, ByteChunks body) {
    CompletableFuture<Head> head = new CompletableFuture<>();
    var answer =
        Http.CLIENT.sendAsync(
            request,
            info -> {
              head.complete(new Head(info.statusCode(), info.headers(), body));
              return body;
            });
    var unusedFailure =
        answer.whenComplete((whole, failure) -> {
          if (failure != null) {
            body.onError(failure);
            head.completeExceptionally(failure);
          }
        });
    var unusedCancel =
        head.whenComplete((come, failure) -> {
          if (head.isCancelled()) {
            answer.cancel(true);
          }
        });
    return head;
  }
}
