package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.oplog.client.Endpoint;
import io.oplog.client.Publisher;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the Java library's README shows, run as a newcomer would, by the oldest Java's rules. */
@Timeout(120)
class ClientReadmeIT {
  private static final Path LIBRARY =
      Path.of(System.getProperty("oplog.root", "..")).resolve("client");
  private static final Pattern PROGRAM =
      Pattern.compile("```java\n(.*?public class (\\w+).*?)```", Pattern.DOTALL);

  @TempDir Path folder;
  private OplogProcess server;

  @BeforeEach
  void serve() throws IOException {
    server = OplogProcess.serve(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String program(String name) throws IOException {
    Matcher program = PROGRAM.matcher(Files.readString(LIBRARY.resolve("README.md")));
    while (program.find()) {
      if (program.group(2).equals(name)) {
        return program.group(1);
      }
    }
    throw new AssertionError("the README has no " + name);
  }

  private Process start(String name) throws IOException {
    Path source = folder.resolve(name + ".java");
    Files.writeString(source, program(name).replace("http://localhost:8042", server.url()));
    return start(source);
  }

  private Process start(Path source, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "--source",
                "17",
                "-cp",
                System.getProperty("java.class.path"),
                source.toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectOutput(folder.resolve("printed").toFile())
        .start();
  }

  private String printed() {
    try {
      return Files.readString(folder.resolve("printed"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void inTwoMinutesAnOperationIsPublishedAndFollowed() throws Exception {
    Process program = start("TwoMinutes");
    assertThat(program.waitFor()).isZero();
    assertThat(printed()).contains("requested", "video", "x1", "user/u1");
  }

  @Test
  void whoAcknowledgesGoesOnAfterWhatWasHandled() throws Exception {
    try (Publisher publisher = new Publisher(Endpoint.of(server.url()))) {
      publisher.publish(Operation.insert("video", "x1"));
      Process program = start("NeverLose");
      try {
        OplogProcess.await(() -> Files.exists(folder.resolve("position")));
      } finally {
        program.destroyForcibly().waitFor();
      }
      assertThat(printed()).contains("requested", "x1");
      publisher.publish(Operation.insert("video", "x2"));
    }
    Process again = start("NeverLose");
    try {
      OplogProcess.await(() -> printed().contains("x2"));
    } finally {
      again.destroyForcibly().waitFor();
    }
    assertThat(printed()).doesNotContain("requested");
  }

  @Test
  void theMirrorInSqliteIsTheSameAsItsSourceAndGoesOnAfterAKill() throws Exception {
    Map<String, String> objects = new ConcurrentHashMap<>(Map.of("/api/video/1", "one"));
    HttpServer api = api(objects);
    Path copy = folder.resolve("copy.db");
    try (Publisher publisher = new Publisher(Endpoint.of(server.url()))) {
      publisher.publish(Operation.insert("video", "1"));
      publisher.publish(Operation.insert("video", "gone"));
      mirrorUntil(api, copy, Map.of("1", "one"));
      objects.put("/api/video/ü/2", "two");
      publisher.publish(Operation.insert("video", "ü/2"));
      publisher.publish(Operation.delete("video", "1"));
      mirrorUntil(api, copy, Map.of("ü/2", "two"));
    } finally {
      api.stop(0);
    }
  }

  private static HttpServer api(Map<String, String> objects) throws IOException {
    HttpServer api = HttpServer.create();
    api.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext(
        "/api",
        exchange -> {
          try (exchange) {
            byte[] body =
                objects.getOrDefault(exchange.getRequestURI().getPath(), "").getBytes(UTF_8);
            exchange.sendResponseHeaders(
                body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
          }
        });
    api.start();
    return api;
  }

  private void mirrorUntil(HttpServer api, Path copy, Map<String, String> expected)
      throws Exception {
    String from = "http://127.0.0.1:" + api.getAddress().getPort() + "/api";
    Process mirror =
        start(LIBRARY.resolve("examples/SqliteMirror.java"), server.url(), from, copy.toString());
    try {
      OplogProcess.await(() -> rows(copy).equals(expected));
    } finally {
      mirror.destroyForcibly().waitFor();
    }
  }

  private static Map<String, String> rows(Path copy) {
    Map<String, String> rows = new TreeMap<>();
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + copy);
        Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery("SELECT id, body FROM object")) {
      while (row.next()) {
        rows.put(row.getString(1), row.getString(2));
      }
    } catch (SQLException e) {
      return Map.of("not", "there yet: " + e.getMessage());
    }
    return rows;
  }
}
