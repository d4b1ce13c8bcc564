package io.oplog.client;

import io.oplog.client.RefusedException.Access;
import io.oplog.client.RefusedException.Reason;
import io.oplog.protocol.Filter;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Asks for a stream from any position.
 *
 * @param tombstones whether states bring every tombstone that is kept
 * @param silence how long the answer, and later each byte, may take
 */
record StreamRequest(Endpoint endpoint, Filter filter, boolean tombstones, Duration silence) {
  private static final String EVENT_STREAM = "text/event-stream";
  private static final String IDENTITY = "identity";

  /**
   * Asks for the stream.
   *
   * @param limit how long the answer may take
   */
  StreamAttempt start(String lastEventId, Duration limit) {
    ByteChunks body = new ByteChunks();
    return new StreamAttempt(endpoint, Head.of(request(lastEventId), body), body, limit);
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
    if (tombstones) {
      parts.add("tombstones=1");
    }
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

  /**
   * What answers our request with 200 must be events as they stand.
   *
   * @throws RefusedException when they are something else, or packed, which was not asked for
   */
  static void requireStream(Endpoint endpoint, HttpHeaders headers) throws RefusedException {
    String type = headers.firstValue("Content-Type").orElse("");
    if (!type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(EVENT_STREAM)) {
      throw notOplog(endpoint, "did not answer with an event stream");
    }
    String coding = headers.firstValue("Content-Encoding").orElse(IDENTITY);
    if (!coding.equalsIgnoreCase(IDENTITY)) {
      throw notOplog(endpoint, "answered with Content-Encoding " + coding + ", not asked for");
    }
  }

  private static RefusedException notOplog(Endpoint endpoint, String what) {
    return new RefusedException(Reason.NOT_OPLOG, Access.STREAM, 200, endpoint + " " + what);
  }
}
