package io.oplog.server.http;

/**
 * A page for operators.
 *
 * @param status the HTTP status code
 * @param contentType its media type
 * @param body its bytes
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way out, never changed
public record Page(int status, String contentType, byte[] body) {

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
