package io.oplog.server.http;

import io.oplog.core.engine.SubscriptionRequest;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.Filter;
import io.oplog.protocol.QueryParameters;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a request's target says: {@code /ops?types=video}, or the same with scheme and host. */
final class Target {
  static final String LAST_EVENT_ID = "Last-Event-ID";

  private Target() {}

  /** The path, without the query. */
  static String path(String target) {
    int from = pathStart(target);
    int query = target.indexOf('?', from);
    String path = target.substring(from, query < 0 ? target.length() : query);
    return path.isEmpty() ? "/" : path;
  }

  private static int pathStart(String target) {
    if (target.startsWith("/")) {
      return 0;
    }
    int scheme = target.indexOf("://");
    if (scheme < 0) {
      return 0;
    }
    for (int i = scheme + 3; i < target.length(); i++) {
      if (target.charAt(i) == '/' || target.charAt(i) == '?') {
        return i;
      }
    }
    return target.length();
  }

  /**
   * What a consumer asks for.
   *
   * @param lastEventId the header, which wins over the parameter; null or empty when it is not
   *     given
   * @throws IllegalArgumentException when query or position cannot be read, with a message for the
   *     consumer
   */
  static SubscriptionRequest subscription(String target, @Nullable String lastEventId) {
    int at = target.indexOf('?');
    if (at < 0) {
      return new SubscriptionRequest(Filter.ALL, cursor(lastEventId, null), false);
    }
    QueryParameters query = QueryParameters.parse(target.substring(at + 1));
    return new SubscriptionRequest(
        Filter.of(query),
        cursor(lastEventId, query.first("last_event_id")),
        isOn(query, "progress"),
        isOn(query, "tombstones"));
  }

  private static boolean isOn(QueryParameters query, String name) {
    return Objects.equals(query.first(name), "1");
  }

  private static Cursor cursor(@Nullable String header, @Nullable String parameter) {
    if (header != null && !header.isEmpty()) {
      return Cursor.parse(header);
    }
    return Cursor.parse(parameter == null ? "" : parameter);
  }
}
