package io.oplog.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of what may not stand in the path of a URL (RFC 3986, 3.3); {@code /} may. */
final class PathEncoding {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
  private static final boolean[] RAW = raw();

  private PathEncoding() {}

  private static boolean[] raw() {
    boolean[] table = new boolean[256];
    for (char c : "-._~!$&'()*+,;=:@/".toCharArray()) {
      table[c] = true;
    }
    for (int c = 0; c < 128; c++) {
      table[c] |= Character.isLetterOrDigit(c);
    }
    return table;
  }

  static byte[] encode(byte[] utf8) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(utf8.length + 16);
    for (byte b : utf8) {
      if (RAW[b & 0xff]) {
        out.write(b);
      } else {
        out.write('%');
        out.write(HEX[(b >> 4) & 0xf]);
        out.write(HEX[b & 0xf]);
      }
    }
    return out.toByteArray();
  }
}
