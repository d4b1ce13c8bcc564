package io.oplog.server.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The {@code Date} header line, rendered once a second. Confined to one thread. */
final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private long second = -1;
  private byte[] line = {};

  /** The line for now, with its CRLF; not to be changed. */
  byte[] line() {
    long now = System.currentTimeMillis() / 1000;
    if (now != second) {
      second = now;
      line = render(now);
    }
    return line;
  }

  private static byte[] render(long second) {
    String date = FORMAT.format(Instant.ofEpochSecond(second));
    return ("Date: " + date + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }
}
