package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bson.Document;

/**
 * A process of Node's that observes queries as redis-oplog does, from the messages of Redis alone,
 * and tells where it then differs from MongoDB. Values are told as Meteor's EJSON. Not thread-safe.
 */
final class RedisOplogJudge implements AutoCloseable {
  private static final Path PROGRAM =
      Path.of(System.getProperty("oplog.root", ".."), "server/src/test/node/redis-oplog-judge")
          .toAbsolutePath();

  private final Process process;
  private final Path errors;
  private final Writer commands;
  private final BufferedReader answers;

  private RedisOplogJudge(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    this.commands = process.outputWriter(UTF_8);
    this.answers = process.inputReader(UTF_8);
  }

  /**
   * Starts it.
   *
   * @param folder for what it says on standard error
   */
  static RedisOplogJudge start(Path folder) throws IOException {
    Path errors = Files.createTempFile(folder, "judge", ".txt");
    ProcessBuilder node =
        new ProcessBuilder("node", PROGRAM.resolve("judge.js").toString())
            .redirectError(errors.toFile());
    node.environment().put("JUDGE_PACKAGES", NodePackages.of(PROGRAM).toString());
    try {
      return new RedisOplogJudge(node.start(), errors);
    } catch (IOException e) {
      throw new IOException("node is not on the path: install Node.js (Debian: nodejs)", e);
    }
  }

  /**
   * Lets it connect.
   *
   * @param prefix of all channels
   * @param unprotected collections with {@code protectAgainstRaceConditions: false}
   */
  void connect(
      String mongodb, String database, String redis, String prefix, List<String> unprotected)
      throws IOException {
    Document servers =
        new Document("do", "start")
            .append("mongodb", mongodb)
            .append("database", database)
            .append("redis", redis)
            .append("prefix", prefix)
            .append("unprotected", unprotected);
    ask(servers.toJson());
  }

  /**
   * Lets it observe a query; it hears all channels of it from then on.
   *
   * @param query its selector and options
   */
  void observe(String collection, String query) throws IOException {
    Document head = new Document("do", "observe").append("name", collection + " " + query);
    String text = head.append("collection", collection).toJson();
    ask(text.substring(0, text.length() - 1) + ", \"query\": " + query + "}");
  }

  /** Lets it hear a collection's channel, though nobody observes it. */
  void listen(String collection) throws IOException {
    ask(new Document("do", "listen").append("collection", collection).toJson());
  }

  /** Whether the message of a document has come and was worked off. */
  boolean hasSeen(String collection, String id) throws IOException {
    Document question =
        new Document("do", "seen").append("collection", collection).append("id", id);
    return ask(question.toJson()).getBoolean("seen");
  }

  /** How many messages have been worked off. */
  int messages() throws IOException {
    return ask("{\"do\": \"count\"}").getInteger("messages");
  }

  /** What it has, and where that differs. */
  Document compare() throws IOException {
    return ask("{\"do\": \"compare\"}");
  }

  private Document ask(String line) throws IOException {
    commands.write(line + "\n");
    commands.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the judge has ended: " + Files.readString(errors));
    }
    return Document.parse(answer);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
