package io.oplog.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate that signed itself, and its key.
 *
 * @param file of the certificate, PEM
 * @param key file of its key, PEM
 */
public record TlsCertificate(Path file, Path key) {
  private static final String PASSWORD = "changeit";
  private static final String ALIAS = "server";

  /**
   * Makes one.
   *
   * @param folder where there is none yet
   * @param names as in {@code ip:127.0.0.1,dns:localhost}
   */
  public static TlsCertificate make(Path folder, String names)
      throws IOException, InterruptedException {
    Path keys = folder.resolve("keys.p12");
    keytool(
        keys,
        List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=a test", "-ext", "san=" + names));
    try {
      KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
      byte[] key = store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
      byte[] certificate = store.getCertificate(ALIAS).getEncoded();
      return new TlsCertificate(
          pem(folder.resolve("cert.pem"), "CERTIFICATE", certificate),
          pem(folder.resolve("key.pem"), "PRIVATE KEY", key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Flags of a JVM that is to trust it: a key store of one's own certificate would not do. */
  public String trust() throws IOException, InterruptedException {
    Path trusted = file.resolveSibling("trust.p12");
    keytool(trusted, List.of("-importcert", "-noprompt", "-file", file.toString()));
    return "-Djavax.net.ssl.trustStore="
        + trusted
        + " -Djavax.net.ssl.trustStorePassword="
        + PASSWORD;
  }

  private static void keytool(Path store, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    command.addAll(List.of("-alias", ALIAS, "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("keytool ended with " + code);
    }
  }

  private static Path pem(Path file, String what, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }
}
