package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.core.relay.UnusableException;
import io.oplog.testkit.mongodb.MongoProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;

/** Deployments that cannot be read: what is wrong, in an operator's words. */
final class MongoSourceCheckTest {
  private static final String SECRET = "s3cr3t";
  private static final DocumentNeeds NEEDS =
      new DocumentNeeds(NamespaceFilter.ALL, _ -> new NoFields(), false);

  private static void check(String uri) throws Exception {
    try (MongoSource source = new MongoSource(MongoSourceOptions.of(uri, NEEDS, ""))) {
      source.check();
    }
  }

  private static void checkLog(String uri) throws Exception {
    MongoSourceOptions options =
        MongoSourceOptions.of(uri, NEEDS, "").withReading(new Reading.Log());
    try (MongoSource source = new MongoSource(options)) {
      source.check();
    }
  }

  private static void assertUnusable(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(UnusableException.class)
        .hasMessageStartingWith("MongoDB at 127.0.0.1:")
        .hasMessageContaining(message)
        .hasMessageNotContaining(SECRET);
  }

  private static Hello hello(String json) {
    return new Hello(BsonDocument.parse(json));
  }

  @Test
  void aServerThatStandsAloneIsRefusedWithTheRemedy() throws Exception {
    try (MongoProcess server = MongoProcess.start("--standalone")) {
      assertUnusable(() -> check(server.uri("")), "rs.initiate()");
    }
  }

  @Test
  void aServerThatIsTooOldIsRefusedWithTheVersionThatIsNeeded() {
    String place = "MongoDB at 127.0.0.1:1";
    Hello old = hello("{setName: 'rs', maxWireVersion: 7}");
    assertUnusable(() -> old.requireSuitable(place), "4.2");
  }

  @Test
  void aMemberAndARouterAreNot() {
    assertThatCode(() -> hello("{setName: 'rs', maxWireVersion: 8}").requireSuitable("there"))
        .doesNotThrowAnyException();
    assertThatCode(() -> hello("{msg: 'isdbgrid', maxWireVersion: 25}").requireSuitable("there"))
        .doesNotThrowAnyException();
  }

  @Test
  void anOplogIsReadOfMembersAloneAndOfNoneThatIsTooOld() {
    String place = "MongoDB at 127.0.0.1:1";
    Hello router = hello("{msg: 'isdbgrid', maxWireVersion: 25}");
    assertUnusable(() -> router.requireOplog(place), "mongos has no oplog");
    assertUnusable(() -> hello("{maxWireVersion: 25}").requireOplog(place), "rs.initiate()");
    Hello old = hello("{setName: 'rs', maxWireVersion: 8}");
    assertUnusable(() -> old.requireOplog(place), "4.4");
    assertThatCode(() -> hello("{setName: 'rs', maxWireVersion: 9}").requireOplog(place))
        .doesNotThrowAnyException();
  }

  @Test
  void anOplogNeedsAMemberAndARight() throws Exception {
    try (MongoProcess server = MongoProcess.start()) {
      checkLog(server.uri(""));
      createUser(server, "reader", "readAnyDatabase");
      createUser(server, "other", "dbAdmin");
      server.restart("--auth");
      assertUnusable(() -> checkLog(server.uri("")), "find on local");
      assertUnusable(() -> checkLog(as("other:" + SECRET, server)), "find on local");
      server.restart("--standalone");
      assertUnusable(() -> checkLog(server.uri("")), "rs.initiate()");
    }
  }

  @Test
  void documentsAsTheyWereAreNotAskedOfServersThatCannotTell() {
    assertThat(hello("{maxWireVersion: 16}").canKeepDocumentsBefore()).isFalse();
    assertThat(hello("{maxWireVersion: 17}").canKeepDocumentsBefore()).isTrue();
  }

  private static void createUser(MongoProcess server, String name, String role) {
    try (MongoClient client = MongoClients.create(server.uri("admin"))) {
      Document user =
          new Document("createUser", name)
              .append("pwd", SECRET)
              .append("mechanisms", List.of("SCRAM-SHA-256"))
              .append("roles", List.of(new Document("role", role).append("db", "admin")));
      assertThat(client.getDatabase("admin").runCommand(user)).containsEntry("ok", 1.0);
    }
  }

  private static String as(String user, MongoProcess server) {
    return server.uri("").replace("//", "//" + user + "@") + "&authSource=admin";
  }

  @Test
  void aUserNeedsThePasswordAndTheRight() throws Exception {
    try (MongoProcess server = MongoProcess.start()) {
      createUser(server, "reader", "readAnyDatabase");
      createUser(server, "other", "dbAdmin");
      server.restart("--auth");
      check(as("reader:" + SECRET, server));
      assertUnusable(() -> check(as("reader:" + SECRET + "2", server)), "authSource=");
      assertUnusable(() -> check(server.uri("")), "a right");
      assertUnusable(() -> check(as("other:" + SECRET, server)), "changeStream and find");
    }
  }

  @Test
  void aServerThatIsNotThereIsToldInTime() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    long begin = System.nanoTime();
    assertThatThrownBy(() -> check("mongodb://me:" + SECRET + "@127.0.0.1:" + port + "/"))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(UnusableException.class)
        .hasMessageContaining("127.0.0.1:" + port)
        .hasMessageNotContaining(SECRET);
    assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
  }

  @Test
  void itConnectsWhenItIsAskedSomethingAndNotAgainOnceItIsClosed() {
    MongoSource source =
        new MongoSource(MongoSourceOptions.of("mongodb://nowhere.invalid/", NEEDS, ""));
    source.close();
    assertThatThrownBy(() -> source.seek(Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }
}
