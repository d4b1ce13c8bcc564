package io.oplog.client;

import io.oplog.client.RefusedException.Access;
import io.oplog.client.RefusedException.Reason;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a server how it is. */
public final class ServerStatus {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int MAX_BYTES = 1 << 20;

  private ServerStatus() {}

  /**
   * The status, as the JSON text that the server gave.
   *
   * @throws UnavailableException when there is no answer
   * @throws RefusedException when the answer is another one, or longer than 1 MiB
   */
  public static String fetch(Endpoint endpoint) throws IOException, InterruptedException {
    HttpResponse<BoundedText> answer = get(endpoint);
    BoundedText body = answer.body();
    if (answer.statusCode() != 200) {
      throw Problem.refused(
          endpoint, Access.STATUS, answer.statusCode(), answer.headers(), body.text());
    }
    if (!body.isWhole()) {
      throw new RefusedException(
          Reason.NOT_OPLOG, Access.STATUS, 200, endpoint + " answered with more than 1 MiB");
    }
    return body.text();
  }

  private static HttpResponse<BoundedText> get(Endpoint endpoint)
      throws IOException, InterruptedException {
    try {
      return Http.await(
          endpoint,
          Http.CLIENT.sendAsync(endpoint.request("/status").build(), BoundedText.upTo(MAX_BYTES)),
          ANSWER);
    } catch (IOException e) {
      throw new UnavailableException(Backoff.reason(e), e);
    }
  }
}
