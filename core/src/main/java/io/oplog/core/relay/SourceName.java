package io.oplog.core.relay;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The name of a source made from what tells it from others. */
public final class SourceName {
  private static final int BYTES = 8;

  private SourceName() {}

  /**
   * As in {@code oplog-3f2a…}, with 16 hex digits.
   *
   * @param kind visible ASCII characters
   * @param identity anything; the same text makes the same name
   */
  public static String of(String kind, String identity) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
      return kind + "-" + HexFormat.of().formatHex(hash, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
