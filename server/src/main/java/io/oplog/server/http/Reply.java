package io.oplog.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An answer that is known as a whole. Immutable.
 *
 * @param status the HTTP status code
 * @param headers further header lines, each with its CRLF; empty for none
 * @param contentType null for an answer without a body
 * @param body the body; empty where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way out, never changed
record Reply(int status, String headers, @Nullable String contentType, byte[] body) {
  private static final JsonFactory JSON = new JsonFactory();
  private static final byte[] NOTHING = {};

  /** An answer without a body. */
  static Reply empty(int status) {
    return new Reply(status, "", null, NOTHING);
  }

  static Reply page(Page page) {
    return new Reply(page.status(), "Cache-Control: no-store\r\n", page.contentType(), page.body());
  }

  /** An error told as {@code application/problem+json}. */
  static Reply problem(int status, String detail) {
    return new Reply(status, "", "application/problem+json", problemBody(status, detail));
  }

  Reply with(String name, String value) {
    return new Reply(status, headers + name + ": " + value + "\r\n", contentType, body);
  }

  private static byte[] problemBody(int status, String detail) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("type", "about:blank");
      json.writeStringProperty("title", reason(status));
      json.writeNumberProperty("status", status);
      json.writeStringProperty("detail", detail);
      json.writeEndObject();
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String reason(int status) {
    return HttpResponseStatus.valueOf(status).reasonPhrase();
  }

  /**
   * Renders the answer.
   *
   * @param cors the header lines for the request's origin
   * @param closes whether the connection ends after it
   * @param headOnly whether the body is left out, its length told all the same
   */
  void render(ResponseBuffer out, byte[] cors, boolean closes, boolean headOnly) {
    out.put("HTTP/1.1 " + status + " " + reason(status) + "\r\n");
    out.putDate();
    out.put(cors);
    out.put(headers);
    if (contentType != null) {
      out.put("Content-Type: " + contentType + "\r\n");
    }
    if (status != 204 && status >= 200) {
      out.put("Content-Length: " + body.length + "\r\n");
    }
    out.put(closes ? "Connection: close\r\n\r\n" : "\r\n");
    if (!headOnly) {
      out.put(body);
    }
  }
}
