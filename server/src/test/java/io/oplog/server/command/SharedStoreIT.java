package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two agents as processes on one MongoDB, one of which dies or stands still. */
@Timeout(180)
class SharedStoreIT {
  private static final int BATCH = 200;

  @TempDir Path folder;
  private String uri;
  private int sent;

  @BeforeEach
  void makeDatabase() {
    uri = TestMongo.shared().uri("it" + UUID.randomUUID().toString().replace("-", ""));
  }

  private OplogProcess agent(String... options) throws IOException {
    OplogProcess agent =
        OplogProcess.serving(folder, options).with(Map.of("OPLOG_STORE", uri)).start();
    agent.awaitListening();
    return agent;
  }

  /** Publishes the next operations, each of an object of its own, and waits for the answer. */
  private void publish(OplogProcess agent) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      lines.add("{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x" + sent++ + "\"}");
    }
    Path file = Files.write(folder.resolve("lines-" + sent), lines);
    CommandRun publish = CommandRun.of("publish", "--url", agent.url(), file.toString());
    assertThat(publish.exitCode()).as(publish.err()).isZero();
  }

  private OplogProcess tail(OplogProcess agent, String from) throws IOException {
    return OplogProcess.command(folder, "tail", "--url", agent.url(), "--from", from, "--json")
        .start();
  }

  private static List<String> ids(OplogProcess tail) {
    return tail.out()
        .lines()
        .filter(line -> line.startsWith("{\"event\":\"insert\""))
        .map(line -> line.replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1"))
        .toList();
  }

  private List<String> allSent() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < sent; i++) {
      ids.add("x" + i);
    }
    return ids;
  }

  @Test
  void whatOneAgentAcknowledgedIsStreamedByTheOtherAndOutlivesIt() throws Exception {
    try (OplogProcess one = agent();
        OplogProcess other = agent();
        OplogProcess live = tail(other, "0")) {
      OplogProcess.await(() -> live.out().contains("\"live\""));
      publish(one);
      publish(other);
      publish(one);
      one.kill();
      publish(other);
      OplogProcess.await(() -> ids(live).size() >= sent);
      assertThat(ids(live)).isEqualTo(allSent());
      try (OplogProcess replica = tail(other, "0")) {
        OplogProcess.await(() -> ids(replica).size() >= sent);
        assertThat(ids(replica)).isEqualTo(allSent());
      }
    }
  }

  /** It holds no lock, and finds its way when it wakes up. */
  @Test
  void anAgentThatStandsStillHoldsNobodyUp() throws Exception {
    try (OplogProcess one = agent();
        OplogProcess other = agent();
        OplogProcess live = tail(other, "0")) {
      OplogProcess.await(() -> live.out().contains("\"live\""));
      publish(one);
      one.freeze();
      publish(other);
      publish(other);
      OplogProcess.await(() -> ids(live).size() >= sent);
      one.thaw();
      publish(one);
      OplogProcess.await(() -> ids(live).size() >= sent);
      assertThat(ids(live)).isEqualTo(allSent());
    }
  }

  @Test
  void anOperationThatNoDocumentCouldHoldIsRefusedAtTheStart() throws Exception {
    OplogProcess agent =
        OplogProcess.serving(folder, "--max-operation", "20MiB", "--max-body", "20MiB")
            .with(Map.of("OPLOG_STORE", uri))
            .run();
    assertThat(agent.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(agent.err()).contains("--max-operation: at most 1MiB with --store");
  }

  @Test
  void aServerThatIsNoReplicaSetOrIsNotThereIsSaidInWords() throws Exception {
    OplogProcess nobody =
        OplogProcess.serving(folder)
            .with(Map.of("OPLOG_STORE", "mongodb://user:secret@127.0.0.1:1/oplog"))
            .run();
    assertThat(nobody.exitCode()).isNotZero();
    assertThat(nobody.err()).contains("127.0.0.1:1").doesNotContain("secret");
  }
}
