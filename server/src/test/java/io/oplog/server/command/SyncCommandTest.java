package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.memory.MemoryStore;
import io.oplog.protocol.OperationLimits;
import io.oplog.server.OplogServer;
import io.oplog.server.ServerOptions;
import io.oplog.server.http.HttpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code oplog sync} says, run within the test on a server within the test. */
@Timeout(60)
class SyncCommandTest {
  private static final int MAX_ID = 20;

  @TempDir Path folder;

  private static OplogServer serve(HttpOptions http) throws IOException {
    ServerOptions options = ServerOptions.defaults().withAddress("127.0.0.1", 0).withHttp(http);
    return OplogServer.start(options, new MemoryStore());
  }

  private static OplogServer serve() throws IOException {
    return serve(HttpOptions.defaults());
  }

  private static OplogServer servingShortIds() throws IOException {
    OperationLimits limits = OperationLimits.DEFAULTS;
    return serve(
        HttpOptions.defaults()
            .withOperations(
                new OperationLimits(
                    limits.maxOperationBytes(),
                    limits.maxTypeBytes(),
                    MAX_ID,
                    limits.maxParents(),
                    limits.maxParentBytes(),
                    limits.maxDepth())));
  }

  private static CommandRun sync(
      OplogServer server, Map<String, String> environment, String... rest) {
    String url = "http://127.0.0.1:" + server.port();
    return CommandRun.of(
        environment,
        Stream.concat(Stream.of("sync", "--url", url), Stream.of(rest)).toArray(String[]::new));
  }

  private static CommandRun sync(OplogServer server, String... rest) {
    return sync(server, Map.of(), rest);
  }

  private static String line(String type, String id) {
    return String.format(
        "{\"timestamp\":\"2026-01-01T00:00:00.000Z\",\"type\":\"%s\",\"id\":\"%s\"}", type, id);
  }

  private String dump(List<String> lines) throws IOException {
    return Files.write(Files.createTempFile(folder, "dump", ".ndjson"), lines).toString();
  }

  private static List<String> lines(String type, int count) {
    return IntStream.range(0, count).mapToObj(n -> line(type, "" + n)).toList();
  }

  private static List<String> and(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  @Test
  void objectsThatTheServerRefusesAreLeftOutAndAllOthersSent() throws Exception {
    String tooLong = "x".repeat(MAX_ID);
    List<String> refused = IntStream.range(0, 12).mapToObj(n -> line("a", tooLong + n)).toList();
    String dump = dump(and(and(lines("a", 40), refused), lines("b", 3)));
    try (OplogServer server = servingShortIds()) {
      CommandRun first = sync(server, "--batch=10", dump);
      assertThat(first.exitCode()).as(first.err()).isEqualTo(ExitCode.DATA);
      assertThat(server.snapshot().bounds().head()).isEqualTo(43);
      assertThat(first.out().lines().findFirst().orElseThrow()).endsWith("refused");
      assertThat(first.out().lines()).anyMatch(row -> row.matches("all +43 +0 +0 +0 +0 +12"));
      assertThat(first.err().lines().filter(l -> l.contains("a/" + tooLong))).hasSize(10);
      assertThat(first.err())
          .contains("a/" + tooLong + "0 is left out: id must have at most 20 bytes")
          .endsWith(
              "oplog: 12 objects were left out, since the server refuses them, and all others"
                  + " sent: raise the server's limits or mend the source, and run again\n");

      CommandRun second = sync(server, "--json", dump);
      assertThat(second.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(second.out()).contains("\"same\":43,\"refused\":12");
    }
  }

  @Test
  void anOperationThatNoBodyHoldsIsLeftOut() throws Exception {
    String dump = dump(and(lines("a", 5), List.of(line("a", "x".repeat(3000)))));
    try (OplogServer server =
        serve(HttpOptions.defaults().withLimits(PublishTest.bodiesUpTo(2000)))) {
      CommandRun run = sync(server, dump);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DATA);
      assertThat(run.err()).contains(" is left out: a body must have at most 2000 bytes");
      assertThat(run.err()).contains("oplog: 1 object was left out, since the server refuses it,");
      assertThat(server.snapshot().bounds().head()).isEqualTo(5);
    }
  }

  @Test
  void theOptionOfThePasswordThatIsMissingOrWrongIsNamed() throws Exception {
    String dump = dump(lines("a", 1));
    try (OplogServer server = serve(HttpOptions.defaults().withPasswords("r", "w"))) {
      assertPassword(
          sync(server, Map.of("OPLOG_PASSWORD", "r"), dump),
          " wants a password for ingest: --ingest-password-file or OPLOG_INGEST_PASSWORD\n");
      assertPassword(
          sync(server, Map.of("OPLOG_PASSWORD", "r", "OPLOG_INGEST_PASSWORD", "r"), dump),
          " wants another password for ingest: --ingest-password-file or OPLOG_INGEST_PASSWORD\n");
      assertPassword(
          sync(server, Map.of("OPLOG_INGEST_PASSWORD", "w"), dump),
          " wants a password: --password-file or OPLOG_PASSWORD\n");
      assertPassword(
          sync(server, Map.of("OPLOG_PASSWORD", "w", "OPLOG_INGEST_PASSWORD", "w"), dump),
          " wants another password: --password-file or OPLOG_PASSWORD\n");
    }
  }

  private static void assertPassword(CommandRun run, String message) {
    assertThat(run.exitCode()).isEqualTo(ExitCode.PASSWORD);
    assertThat(run.err()).endsWith(message);
  }

  @Test
  void whatWouldAllowAnEmptyDumpOrManyDeletionsIsNamed() throws Exception {
    String newer = line("a", "newer").replace("00:00:00", "01:00:00");
    try (OplogServer server = serve()) {
      assertThat(sync(server, dump(lines("a", 50))).exitCode()).isZero();
      String fewer = dump(and(lines("a", 40), List.of(newer)));
      CommandRun many = sync(server, fewer);
      assertThat(many.exitCode()).isEqualTo(ExitCode.LIMIT);
      assertThat(many.err()).contains("nothing was sent", "--dry-run", "--max-deletes");
      assertThat(many.err()).contains("--dumped-at");
      CommandRun dry = sync(server, "--dry-run", fewer);
      assertThat(dry.err()).contains("--max-deletes").doesNotContain("--dry-run");
      CommandRun empty = sync(server, dump(List.of()));
      assertThat(empty.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(empty.err()).contains("the dump is empty", "--allow-empty");
    }
  }

  @Test
  void typesInWhichNothingDiffersAreCountedAndNotListed() throws Exception {
    List<String> lines = and(lines("a", 1), and(lines("b", 1), lines("c", 1)));
    try (OplogServer server = serve()) {
      assertThat(sync(server, dump(lines)).exitCode()).isZero();
      CommandRun run = sync(server, dump(and(lines, lines("d", 2))));
      assertThat(run.out().lines().skip(1).map(row -> row.replaceFirst(" .*", "")))
          .containsExactly("d", "all", "3", "the");
      assertThat(run.out()).contains("3 other types are the same");
      CommandRun json = sync(server, "--json", dump(lines));
      assertThat(json.out()).contains("\"a\":{", "\"b\":{", "\"c\":{");
    }
  }

  @Test
  void blankLinesWithoutEndAreNotReadForEver() throws Exception {
    Path blank = folder.resolve("blank");
    Files.writeString(blank, "\n".repeat(17 << 20));
    try (OplogServer server = serve()) {
      CommandRun run = sync(server, blank.toString());
      assertThat(run.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(run.err()).contains("more than 16 MiB of blank lines before it");
    }
  }
}
