package io.oplog.server.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * One password, as HTTP Basic with any user name or as a bearer token. Only its digest is kept, and
 * digests are compared in constant time. Immutable.
 */
final class Credentials {
  private static final String BASIC = "basic ";
  private static final String BEARER = "bearer ";

  private final byte @Nullable [] digest;

  /**
   * Guards with a password.
   *
   * @param password null or empty lets everybody in
   */
  Credentials(@Nullable String password) {
    digest =
        password == null || password.isEmpty()
            ? null
            : digest(password.getBytes(StandardCharsets.UTF_8));
  }

  boolean isOpen() {
    return digest == null;
  }

  /** Whether a request with this {@code Authorization} header may pass. */
  boolean allows(@Nullable String authorization) {
    if (digest == null) {
      return true;
    }
    byte[] given = authorization == null ? null : secret(authorization);
    return given != null && MessageDigest.isEqual(digest, digest(given));
  }

  private static byte @Nullable [] secret(String authorization) {
    if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return password(authorization.substring(BASIC.length()).strip());
    }
    if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.ISO_8859_1);
    }
    return null;
  }

  private static byte @Nullable [] password(String base64) {
    try {
      byte[] pair = Base64.getDecoder().decode(base64);
      for (int i = 0; i < pair.length; i++) {
        if (pair[i] == ':') {
          return Arrays.copyOfRange(pair, i + 1, pair.length);
        }
      }
      return null;
    } catch (IllegalArgumentException e) {
      return null; // not Base64: as good as a wrong password
    }
  }

  private static byte[] digest(byte[] secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
