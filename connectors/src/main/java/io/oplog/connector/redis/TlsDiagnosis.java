package io.oplog.connector.redis;

import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What is wrong with a way by TLS, where to try again does not help. */
final class TlsDiagnosis {
  private TlsDiagnosis() {}

  /** What to do; empty where TLS is not what failed. */
  static Optional<String> advice(Throwable thrown) {
    for (Throwable one = thrown; one != null; one = one.getCause()) {
      if (one instanceof CertificateException) {
        return Optional.of(
            "its TLS certificate is not accepted: name who signed it (--to-ca), and the host as the"
                + " certificate does");
      }
      if (one instanceof SSLException) {
        Optional<String> advice = advice(String.valueOf(one.getMessage()));
        if (advice.isPresent()) {
          return advice;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> advice(String message) {
    if (message.startsWith("not an SSL/TLS record")) {
      return Optional.of("it does not speak TLS there: redis:// is without");
    }
    return message.contains("certificate_required")
        ? Optional.of("it wants a certificate of the client, and gets none: tls-auth-clients no")
        : Optional.empty();
  }
}
