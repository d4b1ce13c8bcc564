package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.bson.BsonDateTime;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program on a database of the original OpLog, as an operator who moves would start it. */
@Timeout(180)
class TakeOverIT {
  private static final int STATES = 6_000;
  private static final long T = Instant.parse("2024-05-01T10:00:00Z").toEpochMilli();

  @TempDir Path folder;
  private final ConnectionString uri =
      new ConnectionString(
          TestMongo.shared().uri("to" + UUID.randomUUID().toString().replace("-", "")));
  private final MongoClient client = MongoClients.create(uri);
  private final MongoDatabase database = client.getDatabase(String.valueOf(uri.getDatabase()));

  @AfterEach
  void close() {
    client.close();
  }

  /** One state a second, the last of which were deleted. */
  private void fillAsTheOriginal() {
    List<Document> states = new ArrayList<>();
    for (int i = 0; i < STATES; i++) {
      states.add(state(i));
    }
    states.add(
        state(STATES)
            .append("_id", "video/")
            .append("data", new Document("t", "video").append("id", "")));
    database.getCollection("oplog_states").insertMany(states);
  }

  private static Document state(int i) {
    BsonDateTime time = new BsonDateTime(T + i * 1000L);
    Document data =
        new Document("ts", time).append("p", null).append("t", "video").append("id", "x" + i);
    return new Document("_id", "video/x" + i)
        .append("event", i >= STATES - 100 ? "delete" : "insert")
        .append("ts", time)
        .append("data", data);
  }

  /** What a consumer of the original's holds who has followed it up to a state. */
  private static String idOf(int state) {
    String rest = new ObjectId().toHexString().substring(8);
    return "%08x%s".formatted(T / 1000 + state, rest);
  }

  private OplogProcess agent() throws IOException {
    return OplogProcess.serving(folder)
        .with(Map.of("OPLOGD_MONGO_URL", uri.getConnectionString()))
        .start();
  }

  private OplogProcess tail(OplogProcess agent, String from) throws IOException {
    return OplogProcess.command(folder, "tail", "--url", agent.url(), "--from", from, "--json")
        .start();
  }

  private static long count(OplogProcess tail, String event) {
    return tail.out().lines().filter(line -> line.contains("\"event\":\"" + event + "\"")).count();
  }

  private static long lines(String text, OplogProcess... agents) {
    return Stream.of(agents)
        .flatMap(agent -> agent.err().lines())
        .filter(line -> line.contains(text))
        .count();
  }

  private void awaitBlocks(int count) {
    OplogProcess.await(() -> database.getCollection("oplog_log").estimatedDocumentCount() >= count);
  }

  @Test
  void aTakeOverThatWasKilledGoesOnAndConsumersOfTheOriginalMissNothing() throws Exception {
    fillAsTheOriginal();
    try (OplogProcess killed = agent()) {
      awaitBlocks(2);
      killed.kill();
    }
    try (OplogProcess agent = agent();
        OplogProcess second = agent()) {
      agent.awaitListening();
      second.awaitListening();
      assertThat(lines("cannot be taken over", agent, second)).isOne();
      assertThat(lines("Took over the original's data", agent, second)).isOne();
      int seen = STATES - 3000;
      try (OplogProcess all = tail(agent, "0");
          OplogProcess rest = tail(agent, idOf(seen))) {
        OplogProcess.await(() -> count(all, "live") == 1 && count(rest, "live") == 1);
        assertThat(count(all, "insert")).isEqualTo(STATES - 100);
        assertThat(count(rest, "reset")).isZero();
        assertThat(count(rest, "delete")).isEqualTo(100);
        // ten minutes, and what was committed with the last of them
        assertThat(count(rest, "insert")).isBetween(2900L + 600, 2900L + 600 + 601);
      }
    }
  }
}
