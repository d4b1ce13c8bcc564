package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.mongodb.MongoProcess;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.Test;

/**
 * A database that does not let us in, or cannot hold a log: what is wrong, in an operator's words.
 */
class AccessTest {
  private static final String SECRET = "s3cr3t";

  private static Document hello() {
    return new Document("setName", "rs").append("maxWireVersion", 25);
  }

  @Test
  void aServerThatIsNotInAReplicaSetIsRefusedWithTheRemedy() {
    Document alone = hello();
    alone.remove("setName");
    assertThatThrownBy(() -> LogDatabase.requireSuitable(alone))
        .isInstanceOf(StoreException.Misplaced.class)
        .hasMessageContaining("rs.initiate()");
  }

  @Test
  void aServerThatIsTooOldIsRefusedWithTheVersionThatIsNeeded() {
    assertThatThrownBy(() -> LogDatabase.requireSuitable(hello().append("maxWireVersion", 9)))
        .isInstanceOf(StoreException.Misplaced.class)
        .hasMessageContaining("5.0");
    assertThatCode(() -> LogDatabase.requireSuitable(hello())).doesNotThrowAnyException();
  }

  @Test
  void aServerThatStandsAloneIsRefused() {
    try (MongoProcess server = MongoProcess.start("--standalone")) {
      assertThatThrownBy(() -> open(server.uri("oplog")))
          .isInstanceOf(StoreException.Misplaced.class);
    }
  }

  private static MongoStore open(String uri) throws StoreException {
    return MongoStore.open(MongoOptions.of(uri));
  }

  private static String as(String user, MongoProcess server) {
    return server.uri("oplog").replace("//", "//" + user + "@") + "&authSource=admin";
  }

  @Test
  void aUserIsLetInWithThePasswordAndNotWithout() throws Exception {
    try (MongoProcess server = MongoProcess.start()) {
      command(
          server,
          new Document("createUser", "oplog")
              .append("pwd", SECRET)
              .append("mechanisms", List.of("SCRAM-SHA-256"))
              .append("roles", List.of(new Document("role", "readWrite").append("db", "oplog"))));
      server.restart("--auth");
      try (MongoStore store = open(as("oplog:" + SECRET, server))) {
        store.append(List.of(submission(insert("video", "a"))));
      }
      for (String wrong : List.of("oplog:" + SECRET + "2", "other:" + SECRET)) {
        assertThatThrownBy(() -> open(as(wrong, server)))
            .isInstanceOf(StoreException.Denied.class)
            .hasMessageContaining("does not accept the user or the password")
            .hasStackTraceContaining("MongoSecurityException")
            .satisfies(e -> assertThat(stack(e)).doesNotContain(SECRET));
      }
      assertThatThrownBy(() -> open(server.uri("oplog")))
          .isInstanceOf(StoreException.Denied.class)
          .hasMessageContaining("lacks a right");
    }
  }

  private static String stack(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static void command(MongoProcess server, Document command) {
    try (MongoClient client = MongoClients.create(server.uri("admin"))) {
      client.getDatabase("admin").runCommand(command);
    }
  }

  @Test
  void aHostThatIsNotThereAndOneThatDoesNotAnswerAreTold() {
    assertThatThrownBy(() -> open("mongodb://u:" + SECRET + "@127.0.0.1:1,nowhere.invalid/oplog"))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("127.0.0.1:1: Connection refused")
        .hasMessageContaining("nowhere.invalid:27017: no such host")
        .satisfies(e -> assertThat(stack(e)).doesNotContain(SECRET));
  }

  @Test
  void aClusterThatDnsDoesNotKnowIsTold() {
    assertThatThrownBy(() -> open("mongodb+srv://u:" + SECRET + "@nowhere.invalid/oplog"))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("_mongodb._tcp.nowhere.invalid")
        .satisfies(e -> assertThat(stack(e)).doesNotContain(SECRET));
  }

  /** Each is heard a second later where nobody looks more often. */
  @Test
  void agentsThatMayNotWatchLookOften() throws Exception {
    try (MongoProcess server = MongoProcess.start("--enable-test-commands")) {
      try (MongoStore one = open(server.uri("oplog"));
          MongoStore other = forbidden(server)) {
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> {
              one.append(List.of(submission(insert("video", "a"))));
              long head = one.bounds().head();
              Awaitility.await()
                  .pollInterval(Duration.ofMillis(10))
                  .until(() -> other.bounds().head() == head);
              return head == 40;
            });
      }
    }
  }

  /** A store that is opened while change streams are not allowed; pages use no aggregation. */
  private static MongoStore forbidden(MongoProcess server) throws StoreException {
    command(
        server,
        new Document("configureFailPoint", "failCommand")
            .append("mode", "alwaysOn")
            .append(
                "data",
                new Document("failCommands", List.of("aggregate")).append("errorCode", 13)));
    return open(server.uri("oplog"));
  }
}
