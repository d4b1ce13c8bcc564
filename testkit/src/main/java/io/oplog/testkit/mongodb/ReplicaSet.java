package io.oplog.testkit.mongodb;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.bson.Document;

/** The {@code mongod} of this machine, where there is one, as a replica set of one node. */
final class ReplicaSet {
  private static final String NAME = "oplog-test";
  private static final int ALREADY_INITIALIZED = 23;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private ReplicaSet() {}

  /** Where {@code mongod} is. */
  static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "mongod"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it, on a free port and without data. It ends with this process.
   *
   * @return its address
   */
  static String start(Path mongod) throws IOException {
    Path data = Files.createTempDirectory("oplog-mongod-");
    int port = freePort();
    Process process =
        new ProcessBuilder(
                List.of(
                    mongod.toString(),
                    "--replSet",
                    NAME,
                    "--bind_ip",
                    "127.0.0.1",
                    "--port",
                    Integer.toString(port),
                    "--dbpath",
                    data.toString()))
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("mongod.log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, data)));
    String address = "mongodb://127.0.0.1:" + port + "/?directConnection=true";
    initiate(address, "127.0.0.1:" + port);
    return address;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void initiate(String address, String host) {
    Document member = new Document("_id", 0).append("host", host);
    Document configuration = new Document("_id", NAME).append("members", List.of(member));
    try (MongoClient client = MongoClients.create(address)) {
      MongoDatabase admin = client.getDatabase("admin");
      run(admin, new Document("replSetInitiate", configuration));
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> admin.runCommand(new Document("hello", 1)).getBoolean("isWritablePrimary"));
    }
  }

  private static void run(MongoDatabase admin, Document command) {
    try {
      admin.runCommand(command);
    } catch (MongoCommandException e) {
      if (e.getErrorCode() != ALREADY_INITIALIZED) {
        throw e;
      }
    }
  }

  private static void end(Process process, Path data) {
    process.destroyForcibly().onExit().join();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + data + ": " + e);
    }
  }
}
