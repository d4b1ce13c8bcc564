package io.oplog.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A server's address, and the password for what is asked of it.
 *
 * @param url {@code http://host:port}, perhaps with the path of a proxy in front; {@code /ops} at
 *     its end is understood
 * @param password sent with every request; never part of a message
 */
public record Endpoint(URI url, Optional<String> password) {
  private static final String OPERATIONS = "/ops";
  private static final String ANY_USER = "oplog";

  public Endpoint {
    url = withoutEnd(checked(url));
  }

  /**
   * An address without a password; {@code host:port} alone means HTTP.
   *
   * @throws IllegalArgumentException when the text is not an HTTP address
   */
  public static Endpoint of(String url) {
    String whole = url.contains("://") ? url : "http://" + url;
    try {
      return new Endpoint(new URI(whole), Optional.empty());
    } catch (URISyntaxException e) {
      // without the cause, whose message has all of the text
      throw new IllegalArgumentException(notAnAddress(whole) + ": " + e.getReason());
    }
  }

  /**
   * The same address with a password.
   *
   * @param secret null is none
   */
  public Endpoint withPassword(@Nullable String secret) {
    return new Endpoint(url, Optional.ofNullable(secret));
  }

  HttpRequest.Builder operations(String query) {
    return request(OPERATIONS + (query.isEmpty() ? "" : "?" + query));
  }

  /** The start of a request to a path of the server, such as {@code /status}. */
  public HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
    password.ifPresent(secret -> request.header("Authorization", basic(secret)));
    return request;
  }

  private static String basic(String secret) {
    byte[] pair = (ANY_USER + ":" + secret).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private static URI checked(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    String text = url.toString();
    if (!(scheme.equals("http") || scheme.equals("https"))) {
      throw new IllegalArgumentException(notAnAddress(text));
    }
    if (url.getHost() == null) {
      throw new IllegalArgumentException(
          notAnAddress(text) + ": a host's name has letters, digits, dots and hyphens");
    }
    if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getFragment() != null) {
      throw new IllegalArgumentException(
          "an address has neither a password, a query nor a fragment in it: " + shown(text));
    }
    return url;
  }

  private static String notAnAddress(String url) {
    return "not an address like http://host:8042: " + shown(url);
  }

  /** Any address without what may be a password, however broken it is. */
  public static String shown(String url) {
    return url.replaceFirst("(?is)^(https?://)?.*@", "$1…@").replaceFirst("(?s)[?#].*", "");
  }

  private static URI withoutEnd(URI url) {
    String text = url.toString().replaceFirst("/+$", "");
    return URI.create(
        text.endsWith(OPERATIONS) ? text.substring(0, text.length() - OPERATIONS.length()) : text);
  }

  /** The address alone. */
  @Override
  public String toString() {
    return url.toString();
  }
}
