package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.oplog.testkit.mongodb.MongoProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A database with passwords and TLS: what gets in, what is said else, and what is never said. */
@Timeout(180)
class DatabaseAccessIT {
  private static final String SECRET = "s3cr3tW0rd";
  private static final String STORE_PASSWORD = "changeit";

  @TempDir Path folder;

  private static void addUser(MongoProcess mongo) {
    try (MongoClient client = MongoClients.create(mongo.uri("admin"))) {
      Document role = new Document("role", "readWrite").append("db", "oplog");
      client
          .getDatabase("admin")
          .runCommand(
              new Document("createUser", "agent")
                  .append("pwd", SECRET)
                  .append("mechanisms", List.of("SCRAM-SHA-256"))
                  .append("roles", List.of(role)));
    }
  }

  private static String as(String user, MongoProcess mongo) {
    return mongo.uri("oplog").replace("//", "//" + user + "@") + "&authSource=admin";
  }

  private static String get(OplogProcess agent, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(agent.url() + path)).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @Test
  void thePasswordLetsInAndIsShownNowhere() throws Exception {
    try (MongoProcess mongo = MongoProcess.start()) {
      addUser(mongo);
      mongo.restart("--auth");
      Path file = Files.writeString(folder.resolve("store"), as("agent:" + SECRET, mongo) + "\n");
      try (OplogProcess agent =
          OplogProcess.serving(folder, "--log-level", "debug", "--store-file", file.toString())
              .start()) {
        agent.awaitListening();
        String status = get(agent, "/status");
        String metrics = get(agent, "/metrics");
        assertThat(status).contains("\"place\":\"127.0.0.1:" + mongo.port() + "/oplog\"");
        assertThat(metrics).contains("oplog_store_errors_total", "oplog_store_stale_seconds");
        mongo.kill();
        OplogProcess.await(() -> agent.err().contains("The log cannot be read"));
        for (String text :
            List.of(status, metrics, get(agent, "/readyz"), agent.out(), agent.err())) {
          assertThat(text).doesNotContain(SECRET);
        }
      }
    }
  }

  @Test
  void aWrongPasswordEndsTheStartAtOnceAndIsShownNowhere() throws Exception {
    try (MongoProcess mongo = MongoProcess.start()) {
      addUser(mongo);
      mongo.restart("--auth");
      OplogProcess refused =
          OplogProcess.serving(folder, "--log-level", "debug")
              .with(Map.of("OPLOG_STORE", as("agent:" + SECRET + "2", mongo)))
              .run();
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(ExitCode.PASSWORD);
      assertThat(refused.err())
          .contains("does not accept the user or the password")
          .doesNotContain(SECRET);
    }
  }

  @Test
  void addressesThatAreNoneAreRefusedWithoutShowingThem() throws Exception {
    for (String address :
        List.of(
            "mongodb://agent:" + SECRET + "%zz@h/oplog",
            "mongodb://agent:" + SECRET + "@h:70000/oplog",
            "mongodb://agent:" + SECRET + "@/oplog",
            "mongodb+srv://agent:" + SECRET + "@one.invalid,two.invalid/oplog",
            "http://agent:" + SECRET + "@h/oplog")) {
      OplogProcess refused =
          OplogProcess.serving(folder).with(Map.of("OPLOG_STORE", address)).run();
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(ExitCode.CONFIGURATION);
      assertThat(refused.err()).contains("--store").doesNotContain(SECRET);
      assertThat(refused.err().lines()).hasSize(1);
    }
  }

  @Test
  void theHelpDoesNotShowTheAddressThatIsSet() throws Exception {
    OplogProcess help =
        OplogProcess.command(folder, "serve", "--help")
            .with(Map.of("OPLOG_STORE", "mongodb://agent:" + SECRET + "@h/oplog"))
            .run();
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("--store").doesNotContain(SECRET);
  }

  @Test
  void aServerWithTlsIsTalkedToWhenItsCertificateIsTrusted() throws Exception {
    Tls tls = Tls.make(folder);
    try (MongoProcess mongo = MongoProcess.start(tls.options())) {
      Map<String, String> store = Map.of("OPLOG_STORE", mongo.uri("oplog") + "&tls=true");
      try (OplogProcess stranger = OplogProcess.serving(folder).with(store).start();
          OplogProcess trusting =
              OplogProcess.serving(folder)
                  .with(store)
                  .with(Map.of("OPLOG_JAVA_OPTS", tls.trust()))
                  .start()) {
        trusting.awaitListening();
        assertThat(get(trusting, "/readyz")).isEqualTo("ready\n");
        assertThat(stranger.awaitEnd()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(stranger.err())
            .contains("its TLS certificate is not accepted", "javax.net.ssl.trustStore");
      }
    }
  }

  /** A certificate that signed itself, and its key. */
  private record Tls(Path keys, Path certificate, Path key) {
    static Tls make(Path folder) throws Exception {
      Path keys = folder.resolve("keys.p12");
      keytool(
          "-genkeypair",
          "-alias",
          "mongo",
          "-keyalg",
          "EC",
          "-dname",
          "CN=localhost",
          "-ext",
          "san=ip:127.0.0.1,dns:localhost",
          "-keystore",
          keys.toString(),
          "-storepass",
          STORE_PASSWORD);
      KeyStore store = KeyStore.getInstance(keys.toFile(), STORE_PASSWORD.toCharArray());
      byte[] key = store.getKey("mongo", STORE_PASSWORD.toCharArray()).getEncoded();
      return new Tls(
          keys,
          pem(
              folder.resolve("cert.pem"),
              "CERTIFICATE",
              store.getCertificate("mongo").getEncoded()),
          pem(folder.resolve("key.pem"), "PRIVATE KEY", key));
    }

    private static void keytool(String... arguments) throws Exception {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
      command.addAll(List.of(arguments));
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

    /** Of the server. */
    String[] options() {
      return new String[] {
        "--tls-cert-file", certificate.toString(), "--tls-key-file", key.toString()
      };
    }

    /** Of a JVM that is to trust it: a key store of one's own certificate would not do. */
    String trust() throws Exception {
      Path trusted = keys.resolveSibling("trust.p12");
      keytool(
          "-importcert",
          "-noprompt",
          "-alias",
          "mongo",
          "-file",
          certificate.toString(),
          "-keystore",
          trusted.toString(),
          "-storepass",
          STORE_PASSWORD);
      return "-Djavax.net.ssl.trustStore="
          + trusted
          + " -Djavax.net.ssl.trustStorePassword="
          + STORE_PASSWORD;
    }
  }
}
