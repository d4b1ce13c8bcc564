package io.oplog.server.config;

/**
 * Where the server listens, for TCP and UDP alike.
 *
 * @param host name or address; empty for all of this machine's
 * @param port 0 to 65535; 0 takes a free one
 */
public record ListenAddress(String host, int port) {

  /**
   * Reads {@code :8042}, {@code 8042}, {@code host:8042} or {@code [::1]:8042}.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static ListenAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, Math.max(colon, 0));
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.contains(":")) {
      throw bad(text);
    }
    return new ListenAddress(host, port(text.substring(colon + 1), text));
  }

  private static int port(String digits, String text) {
    if (!digits.matches("\\d{1,5}") || Integer.parseInt(digits) > 65_535) {
      throw bad(text);
    }
    return Integer.parseInt(digits);
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException("'" + text + "' is not like :8042 or host:8042");
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
