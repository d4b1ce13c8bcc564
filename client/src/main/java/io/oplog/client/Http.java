package io.oplog.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What requests have in common. */
final class Http {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final long MAX_RETRY_AFTER_SECONDS = 300;

  /**
   * One for all: each has threads and connections of its own, which Java 17 cannot close. Without
   * redirects, which would carry the password elsewhere.
   */
  static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  private Http() {}

  /** Waits for an answer, and cancels the request when there is none in time. */
  static <T> T await(Endpoint endpoint, CompletableFuture<T> answer, Duration limit)
      throws IOException, InterruptedException {
    try {
      return poll(endpoint, answer, Deadline.nanos(limit))
          .orElseThrow(
              () -> new IOException("no answer from " + endpoint + " within " + seconds(limit)));
    } finally {
      answer.cancel(true);
    }
  }

  /** Waits for an answer for a moment; empty when there was none in that time. */
  static <T> Optional<T> poll(Endpoint endpoint, CompletableFuture<T> answer, long nanos)
      throws IOException, InterruptedException {
    try {
      return Optional.of(answer.get(nanos, TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw failure(endpoint, e.getCause() == null ? e : e.getCause());
    } catch (CancellationException e) {
      throw new IOException("the request to " + endpoint + " was cancelled", e);
    }
  }

  private static IOException failure(Endpoint endpoint, Throwable cause) {
    String what = cause instanceof ConnectException ? "cannot connect to " : "no answer from ";
    return new IOException(what + endpoint + ": " + reason(endpoint, cause), cause);
  }

  private static String reason(Endpoint endpoint, Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException || t instanceof UnknownHostException) {
        return "no such host: " + endpoint.url().getHost();
      }
    }
    return cause.getMessage() == null ? "refused or unreachable" : cause.getMessage();
  }

  static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  /** The whole seconds of {@code Retry-After}; a date, or nothing, asks for no wait. */
  static Duration retryAfter(HttpHeaders headers) {
    String value = headers.firstValue("Retry-After").orElse("0").strip();
    boolean digits = !value.isEmpty() && value.length() < 10 && value.chars().allMatch(Http::digit);
    return Duration.ofSeconds(
        digits ? Math.min(Long.parseLong(value), MAX_RETRY_AFTER_SECONDS) : 0);
  }

  private static boolean digit(int c) {
    return c >= '0' && c <= '9';
  }
}
