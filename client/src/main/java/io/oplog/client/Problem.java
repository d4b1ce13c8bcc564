package io.oplog.client;

import io.oplog.client.RefusedException.Access;
import io.oplog.client.RefusedException.Reason;
import java.net.http.HttpHeaders;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the answers that say no. */
final class Problem {
  private static final int MAX_SHOWN = 500;
  private static final Pattern DETAIL =
      Pattern.compile("\"detail\"\\s*+:\\s*+\"((?:[^\"\\\\]++|\\\\.)*+)\"", Pattern.DOTALL);
  private static final Pattern ESCAPE = Pattern.compile("\\\\(u[0-9a-fA-F]{4}|.)", Pattern.DOTALL);
  private static final Pattern LINE = Pattern.compile("^line (\\d{1,18}): ");

  private Problem() {}

  /** Whether another attempt may be answered otherwise. */
  static boolean passing(int status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
  }

  static BusyException busy(Endpoint endpoint, Head answer) {
    return new BusyException(
        endpoint + " answered " + answer.status(), Http.retryAfter(answer.headers()));
  }

  static RefusedException refused(
      Endpoint endpoint, Access access, int status, HttpHeaders headers, String body) {
    String detail = detail(body);
    return new RefusedException(
        reason(endpoint, access, status),
        access,
        status,
        line(detail),
        LINE.matcher(detail).replaceFirst(""),
        message(endpoint, access, status, headers, detail));
  }

  private static Reason reason(Endpoint endpoint, Access access, int status) {
    return switch (status) {
      case 401 -> endpoint.password().isEmpty() ? Reason.NO_PASSWORD : Reason.UNAUTHORIZED;
      case 403 -> Reason.UNAUTHORIZED;
      case 400, 406 -> Reason.INVALID;
      case 409 -> Reason.SOURCE_CONFLICT;
      case 413 -> Reason.TOO_LARGE;
      case 414, 431 -> access == Access.STREAM ? Reason.TOO_LARGE : Reason.NOT_OPLOG; // a filter
      default -> Reason.NOT_OPLOG;
    };
  }

  private static String message(
      Endpoint endpoint, Access access, int status, HttpHeaders headers, String detail) {
    if (status == 401 || status == 403) {
      return endpoint
          + " wants "
          + (endpoint.password().isEmpty() ? "a" : "another")
          + " password"
          + (access == Access.INGEST ? " for ingest" : "");
    }
    if (status >= 300 && status < 400) {
      String location = headers.firstValue("Location").orElse("nowhere");
      return endpoint + " leads on to " + Endpoint.shown(location);
    }
    return endpoint + " answered " + status + (detail.isEmpty() ? "" : ": " + detail);
  }

  /** The detail of a problem document; of any other text its beginning, and of a page nothing. */
  private static String detail(String body) {
    if (body.stripLeading().startsWith("<")) {
      return "it is a web page, so this is no address of an oplog";
    }
    Matcher detail = DETAIL.matcher(body);
    String text = detail.find() ? unescaped(detail.group(1)) : body;
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() > MAX_SHOWN ? line.substring(0, MAX_SHOWN) + "…" : line;
  }

  private static String unescaped(String json) {
    return ESCAPE
        .matcher(json)
        .replaceAll(escape -> Matcher.quoteReplacement(meant(escape.group(1))));
  }

  /** What stands after a backslash; all that is no letter is meant as it is. */
  private static String meant(String escaped) {
    return switch (escaped.charAt(0)) {
      case 'u' ->
          escaped.length() == 1
              ? escaped
              : String.valueOf((char) Integer.parseInt(escaped.substring(1), 16));
      case 'n', 'r', 't', 'b', 'f' -> " ";
      default -> escaped;
    };
  }

  private static long line(String detail) {
    Matcher line = LINE.matcher(detail);
    return line.find() ? Long.parseLong(line.group(1)) : 0;
  }
}
