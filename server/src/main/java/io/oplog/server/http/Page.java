package io.oplog.server.http;

import java.nio.charset.StandardCharsets;

/**
 * A page for operators.
 *
 * @param status the HTTP status code
 * @param contentType its media type
 * @param body its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way out, never changed
public record Page(int status, String contentType, byte[] body) {

  /** Plain text. */
  public static Page text(int status, String text) {
    return new Page(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** A scrape in the text format of Prometheus. */
  public static Page metrics(String scrape) {
    return new Page(
        200, "text/plain; version=0.0.4; charset=utf-8", scrape.getBytes(StandardCharsets.UTF_8));
  }

  /** JSON in UTF-8. */
  public static Page json(byte[] json) {
    return new Page(200, "application/json", json);
  }

  /** Answers the requests for pages. */
  public interface Source {

    /** Makes the page at {@code path}. May block; called by any thread, several at a time. */
    Page page(Path path);
  }

  /** Where the pages are. */
  public enum Path {
    STATUS("/status"),
    HEALTH("/healthz"),
    READY("/readyz"),
    METRICS("/metrics");

    private final String path;

    Path(String path) {
      this.path = path;
    }

    public String path() {
      return path;
    }
  }
}
