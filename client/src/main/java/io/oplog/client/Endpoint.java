package io.oplog.client;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

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
    return new Endpoint(URI.create(url.contains("://") ? url : "http://" + url), Optional.empty());
  }

  /** The same address with a password. */
  public Endpoint withPassword(String secret) {
    return new Endpoint(url, Optional.of(secret));
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
    if (url.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new IllegalArgumentException("not an address like http://host:8042: " + shown(url));
    }
    if (url.getRawUserInfo() != null || url.getRawQuery() != null) {
      throw new IllegalArgumentException(
          "an address has neither a password nor a query in it: " + shown(url));
    }
    return url;
  }

  /** Without what may be a password. */
  private static String shown(URI url) {
    return url.toString().replaceFirst("//[^/]*@", "//…@").replaceFirst("\\?.*", "");
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
