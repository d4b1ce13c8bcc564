package io.oplog.connector.redis;

import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who is trusted to sign the certificate of a server, in the place of those that the JVM trusts.
 *
 * @param file of their certificates, PEM
 */
public record Authorities(Path file) {

  /**
   * Reads them.
   *
   * @throws UnusableException when that is not possible
   */
  TrustManagerFactory trust() throws UnusableException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate certificate : certificates()) {
        store.setCertificateEntry(Integer.toString(store.size()), certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return trust;
    } catch (IOException e) {
      throw new UnusableException(file + " of --to-ca cannot be read: " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      throw new UnusableException(file + " of --to-ca has no certificates as PEM", e);
    }
  }

  private Collection<? extends Certificate> certificates()
      throws IOException, CertificateException {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw new CertificateException("empty");
      }
      return found;
    }
  }
}
