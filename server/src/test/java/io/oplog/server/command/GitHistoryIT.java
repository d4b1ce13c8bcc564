package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The main job on real input, by the command alone. */
@Timeout(300)
class GitHistoryIT {
  @TempDir Path folder;

  private OplogProcess.Builder tail(OplogProcess server, String... options) throws Exception {
    String[] all = new String[options.length + 4];
    System.arraycopy(new String[] {"tail", "--url", server.url(), "--json"}, 0, all, 0, 4);
    System.arraycopy(options, 0, all, 4, options.length);
    return OplogProcess.command(folder, all);
  }

  private void publish(OplogProcess server) throws Exception {
    Path file = GitHistory.operations(folder);
    OplogProcess publish =
        OplogProcess.command(folder, "publish", "--url", server.url(), file.toString()).run();
    assertThat(publish.exitCode()).as(publish.err()).isZero();
    assertThat(publish.out()).startsWith("published 65,690 operations in ");
  }

  @Test
  void aReplicationFromTheBeginningAndOneThatFollowsFromTheStartHoldTheTree() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder);
        OplogProcess live = tail(server, "--count", "" + GitHistory.OPERATIONS).start()) {
      awaitClients(server, 1);
      publish(server);
      assertThat(live.awaitEnd()).as(live.err()).isZero();
      OplogProcess replication = tail(server, "--from", "0", "--exit-at-live").run();
      assertThat(replication.exitCode()).as(replication.err()).isZero();

      Map<String, String> tree = GitHistory.tree();
      assertThat(tree).hasSize(GitHistory.OBJECTS);
      assertThat(GitHistory.replica(live.out())).isEqualTo(tree);
      assertThat(GitHistory.replica(replication.out())).isEqualTo(tree);
      assertThat(replication.out().lines()).hasSize(GitHistory.OBJECTS + 2); // reset and live
    }
  }

  @Test
  void aTailThatIsCutAnywhereAndResumedHoldsTheTree() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String state = folder.resolve("position").toString();
    StringBuilder received = new StringBuilder();
    try (OplogProcess server = OplogProcess.serve(folder)) {
      Thread publisher = new Thread(() -> publishQuietly(server));
      publisher.start();
      for (int cut = 0; cut < 5; cut++) {
        String count = "" + (1 + random.nextInt(15_000));
        received.append(
            tail(server, "--from", "0", "--state-file", state, "--count", count).run().out());
      }
      publisher.join();
      OplogProcess last =
          tail(server, "--from", "0", "--state-file", state, "--exit-at-live").run();
      received.append(last.out());
      assertThat(last.exitCode()).as(last.err()).isZero();
      assertThat(GitHistory.replica(received.toString()))
          .as("seed " + seed)
          .isEqualTo(GitHistory.tree());
      assertThat(Files.readString(Path.of(state))).matches("[0-9a-f]{24}");
    }
  }

  private void publishQuietly(OplogProcess server) {
    try {
      publish(server);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitClients(OplogProcess server, int clients) {
    OplogProcess.await(() -> {
      CommandRun status = CommandRun.of("status", "--json", "--url", server.url());
      return status.out().contains("\"clients\":" + clients);
    });
  }
}
