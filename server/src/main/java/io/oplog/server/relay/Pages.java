package io.oplog.server.relay;

import io.oplog.server.http.Page;
import java.nio.charset.StandardCharsets;

/** Makes pages of text. */
final class Pages {
  private static final String TEXT = "text/plain; charset=utf-8";

  private Pages() {}

  static Page text(int status, String text) {
    return new Page(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }
}
