package io.oplog.client;

import io.oplog.client.RefusedException.Reason;
import io.oplog.protocol.Filter;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Asks for a stream from any position.
 *
 * @param silence how long the answer, and later each byte, may take
 */
record StreamRequest(Endpoint endpoint, Filter filter, HttpClient http, Duration silence) {
  private static final String EVENT_STREAM = "text/event-stream";
  private static final int MAX_PROBLEM_BYTES = 16 * 1024;

  /**
   * Connects.
   *
   * @throws RefusedException when trying again would not help
   * @throws IOException for every other reason
   */
  ByteChunks open(String lastEventId) throws IOException, InterruptedException {
    HttpResponse<ByteChunks> answer =
        Http.await(
            endpoint, http.sendAsync(request(lastEventId), info -> new ByteChunks()), silence);
    if (answer.statusCode() == 200 && isEventStream(answer)) {
      return answer.body();
    }
    try {
      throw failure(answer);
    } finally {
      answer.body().cancel();
    }
  }

  private HttpRequest request(String lastEventId) {
    HttpRequest.Builder request = endpoint.operations(query()).header("Accept", EVENT_STREAM);
    if (!lastEventId.isEmpty()) {
      request.header("Last-Event-ID", lastEventId);
    }
    return request.build();
  }

  private String query() {
    List<String> parts = new ArrayList<>(List.of("progress=1"));
    if (!filter.types().isEmpty()) {
      parts.add("types=" + encoded(String.join(",", sorted(filter.types()))));
    }
    // one by one: a parent may have a comma in it
    sorted(filter.parents()).forEach(parent -> parts.add("parent=" + encoded(parent)));
    return String.join("&", parts);
  }

  private static List<String> sorted(Set<String> values) {
    return values.stream().sorted().toList();
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static boolean isEventStream(HttpResponse<?> answer) {
    String type = answer.headers().firstValue("Content-Type").orElse("");
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(EVENT_STREAM);
  }

  private IOException failure(HttpResponse<ByteChunks> answer)
      throws IOException, InterruptedException {
    int status = answer.statusCode();
    if (status == 200) {
      return new RefusedException(
          Reason.NOT_OPLOG, status, 0, endpoint + " did not answer with an event stream");
    }
    if (Problem.passing(status)) {
      return new BusyException(endpoint + " answered " + status, Http.retryAfter(answer.headers()));
    }
    return Problem.refused(endpoint, answer, text(answer.body()));
  }

  private String text(ByteChunks body) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    List<ByteBuffer> chunk = body.next(silence);
    while (chunk != null && text.length() < MAX_PROBLEM_BYTES) {
      chunk.forEach(bytes -> text.append(StandardCharsets.UTF_8.decode(bytes)));
      chunk = body.next(silence);
    }
    return text.toString();
  }
}
