package io.oplog.client;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a server how it is. */
public final class ServerStatus {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private ServerStatus() {}

  /**
   * The status, as the JSON text that the server gave.
   *
   * @throws UnavailableException when there is no answer
   * @throws RefusedException when the answer is another one
   */
  public static String fetch(Endpoint endpoint) throws IOException, InterruptedException {
    HttpClient http = Http.newClient();
    HttpResponse<String> answer = get(endpoint, http);
    if (answer.statusCode() != 200) {
      throw Problem.refused(endpoint, answer, answer.body());
    }
    return answer.body();
  }

  private static HttpResponse<String> get(Endpoint endpoint, HttpClient http)
      throws IOException, InterruptedException {
    try {
      return Http.await(
          endpoint,
          http.sendAsync(endpoint.request("/status").build(), HttpResponse.BodyHandlers.ofString()),
          ANSWER);
    } catch (IOException e) {
      throw new UnavailableException(Backoff.reason(e), e);
    }
  }
}
