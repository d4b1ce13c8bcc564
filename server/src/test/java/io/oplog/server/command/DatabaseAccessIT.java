package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.oplog.testkit.TlsCertificate;
import io.oplog.testkit.mongodb.MongoProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
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
    TlsCertificate tls = TlsCertificate.make(folder, "ip:127.0.0.1,dns:localhost");
    String[] options = {
      "--tls-cert-file", tls.file().toString(), "--tls-key-file", tls.key().toString()
    };
    try (MongoProcess mongo = MongoProcess.start(options)) {
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
}
