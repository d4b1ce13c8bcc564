package io.oplog.server.http;

import io.oplog.core.engine.SubscriptionRequest;
import java.nio.charset.StandardCharsets;

/** The last answer of a connection: a stream, which takes the connection over. */
final class StreamAnswer extends Answer {
  private static final String HEADERS =
      "Cache-Control: no-cache, no-store, must-revalidate\r\nX-Accel-Buffering: no\r\n";
  private static final String CONTENT_TYPE = "text/event-stream; charset=utf-8";

  /** What a {@code HEAD} request gets. */
  static final Reply HEAD_REPLY = new Reply(200, HEADERS, CONTENT_TYPE, new byte[0]);

  private static final byte[] STATUS = ascii("HTTP/1.1 200 OK\r\n");
  private static final byte[] REST =
      ascii("Content-Type: " + CONTENT_TYPE + "\r\n" + HEADERS + "Connection: close\r\n\r\n");

  private final RequestHead head;
  private final SubscriptionRequest request;
  private final String lastEventId;

  /**
   * @param lastEventId the request's header, known to be one; empty where there is none
   */
  StreamAnswer(
      HttpConnection connection,
      RequestHead head,
      SubscriptionRequest request,
      String lastEventId) {
    super(connection, head.cors(), true);
    this.head = head.closing();
    this.request = request;
    this.lastEventId = lastEventId;
    this.done = true;
  }

  /** What is said in its place where the stream cannot be opened. */
  Answer refused(Reply reply) {
    return new Ready(connection(), head, reply);
  }

  @Override
  boolean takesOver() {
    return true;
  }

  SubscriptionRequest request() {
    return request;
  }

  /** The response head; the body is without length, and ends with the connection. */
  @Override
  void render(ResponseBuffer out) {
    connection().counters().answered(200);
    out.put(STATUS);
    out.putDate();
    out.put(cors);
    if (!lastEventId.isEmpty()) { // without it oplogc thinks that it cannot resume
      out.put(ascii(Target.LAST_EVENT_ID + ": " + lastEventId + "\r\n"));
    }
    out.put(REST);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
