package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ServeIT {
  @TempDir Path folder;

  @Test
  void aServerThatIsToldToStopEndsWithZeroAndKeepsItsData() throws Exception {
    Path line = Files.writeString(folder.resolve("line"), GitHistory.lines().get(0));
    try (OplogProcess server = OplogProcess.serve(folder)) {
      assertThat(
              OplogProcess.command(folder, "publish", "--url", server.url(), "-")
                  .input(line)
                  .run()
                  .exitCode())
          .isZero();
      assertThat(server.stop()).as(server.err()).isZero();
      assertThat(server.err()).doesNotContain("WARN");
    }
    try (OplogProcess server = OplogProcess.serve(folder)) {
      CommandRun status = CommandRun.of("status", "--url", server.url());
      assertThat(status.exitCode()).as(status.err()).isZero();
      assertThat(status.out()).containsPattern("head +1\n");
    }
  }

  @Test
  void aServerWhoseFolderIsGoneSaysSoAndEndsAsDocumented() throws Exception {
    Path line = Files.writeString(folder.resolve("line"), GitHistory.lines().get(0));
    try (OplogProcess server = OplogProcess.serve(folder)) {
      CommandRun publish = CommandRun.of("publish", "--url", server.url(), line.toString());
      assertThat(publish.exitCode()).as(publish.err()).isZero();
      delete(folder.resolve("data"));
      assertThat(server.stop()).as(server.err()).isEqualTo(ExitCode.STORE);
      assertOneLine(server, ExitCode.STORE, "data");
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void aSecondServerOnTheFolderSaysWhoHasIt() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      OplogProcess second = OplogProcess.serving(folder).run();
      assertOneLine(second, ExitCode.UNAVAILABLE, "data");
      assertThat(server.isAlive()).isTrue();
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      String address = "127.0.0.1:" + server.port();
      OplogProcess second =
          OplogProcess.command(
                  folder,
                  "serve",
                  "--listen",
                  address,
                  "--data",
                  folder.resolve("other").toString())
              .run();
      assertOneLine(second, ExitCode.UNAVAILABLE, address + ": address in use");
      assertThat(folder.resolve("other")).doesNotExist();
    }
  }

  @Test
  void aFolderThatWasThereStaysWhenThePortIsTaken() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (OplogProcess server = OplogProcess.serve(folder)) {
      String address = "127.0.0.1:" + server.port();
      OplogProcess second =
          OplogProcess.serving(folder, "--listen", address, "--data", other.toString()).run();
      assertThat(second.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(other).isNotEmptyDirectory();
    }
  }

  @Test
  void theStartLineNamesWhatIsOpen() throws Exception {
    try (OplogProcess both = OplogProcess.serve(folder)) {
      assertThat(both.out()).contains(", TCP and UDP; data in ").hasLineCount(1);
      assertThat(both.err()).isEmpty();
    }
    try (OplogProcess one = OplogProcess.serve(folder, "--no-udp", "--ingest-password=x")) {
      assertThat(one.out()).contains(", TCP; data in ");
      assertThat(one.err()).doesNotContain("datagrams");
    }
  }

  @Test
  void whoGuardsIngestHearsThatDatagramsCarryNoPassword() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "x\n");
    try (OplogProcess server =
        OplogProcess.serve(folder, "--ingest-password-file", secret.toString())) {
      assertThat(server.err())
          .contains("everybody may send datagrams; see --no-udp")
          .hasLineCount(1);
    }
  }

  @Test
  void aFolderThatCannotBeUsedIsNamed() throws Exception {
    Path file = Files.createFile(folder.resolve("data"));
    assertOneLine(OplogProcess.serving(folder).run(), ExitCode.CONFIGURATION, file.toString());
  }

  private static void assertOneLine(OplogProcess process, int exitCode, String named) {
    assertThat(process.exitCode()).as(process.err()).isEqualTo(exitCode);
    assertThat(process.err().lines().filter(line -> line.startsWith("oplog: ")))
        .singleElement()
        .asString()
        .contains(named);
    assertThat(process.err()).doesNotContain("\tat ");
  }

  @Test
  void passwordsWorkAndAreShownNowhere() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "r3ader\n");
    Path line = Files.writeString(folder.resolve("line"), GitHistory.lines().get(0));
    OplogProcess.Builder serving =
        OplogProcess.serving(folder, "--password-file", secret.toString(), "--log-level", "debug")
            .with(Map.of("OPLOGD_INGEST_PASSWORD", "wr1ter"));
    try (OplogProcess server = serving.start()) {
      server.awaitListening();
      String url = server.url();
      String file = line.toString();
      CommandRun refused = CommandRun.of("publish", "--url", url, file);
      CommandRun written =
          CommandRun.of(Map.of("OPLOG_INGEST_PASSWORD", "wr1ter"), "publish", "--url", url, file);
      assertThat(refused.exitCode()).isEqualTo(ExitCode.PASSWORD);
      assertThat(written.exitCode()).as(written.err()).isZero();

      OplogProcess unread = OplogProcess.command(folder, "tail", "--url", url, "--from=0").run();
      OplogProcess read =
          OplogProcess.command(
                  folder, "tail", "--url", url, "--from=0", "--exit-at-live", "--password=r3ader")
              .run();
      assertThat(unread.exitCode()).isEqualTo(ExitCode.PASSWORD);
      assertThat(read.exitCode()).as(read.err()).isZero();
      assertThat(read.err()).contains("--password in the list of processes");

      CommandRun status = CommandRun.of("status", "--json", "--url", url);
      for (String text : List.of(server.out(), server.err(), status.out(), read.err())) {
        assertThat(text).doesNotContain("r3ader", "wr1ter");
      }
    }
  }

  @Test
  void connectionsLeaveTheStoreItsDescriptors() throws Exception {
    Path line = Files.writeString(folder.resolve("line"), GitHistory.lines().get(0));
    List<Socket> idle = new ArrayList<>();
    try (OplogProcess server = OplogProcess.serving(folder).limitedTo(256).start()) {
      server.awaitListening();
      assertThat(server.err()).contains("ulimit -n", "--max-connections").hasLineCount(1);
      for (int i = 0; i < 400; i++) {
        idle.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
      }
      OplogProcess.await(() -> server.err().contains("too many connections"));
      assertThat(server.descriptors()).isLessThan(200);
      for (Socket socket : idle) {
        socket.close();
      }
      OplogProcess.await(() -> publishes(server, line));
      assertThat(server.stop()).as(server.err()).isZero();
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  private static boolean publishes(OplogProcess server, Path line) {
    return CommandRun.of("publish", "--url", server.url(), line.toString()).exitCode() == 0;
  }

  @Test
  void aFolderThatIsTakenAwayUnderAServerIsNoticed() throws Exception {
    Path line = Files.writeString(folder.resolve("line"), GitHistory.lines().get(0));
    try (OplogProcess server = OplogProcess.serve(folder)) {
      assertThat(publishes(server, line)).isTrue();
      Files.move(folder.resolve("data"), folder.resolve("away"));
      OplogProcess.await(
          () -> !CommandRun.of("status", "--url", server.url()).out().contains("OK"));
      CommandRun refused =
          CommandRun.of("publish", "--retry-for=1ms", "--url", server.url(), line.toString());
      assertThat(refused.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
      Files.move(folder.resolve("away"), folder.resolve("data"));
      OplogProcess.await(() -> publishes(server, line));
      assertThat(server.err()).containsOnlyOnce("was removed or replaced\n");
    }
  }

  @Test
  void aKilledServerLeavesNothingInTheTemporaryFolder() throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    OplogProcess.Builder serving =
        OplogProcess.serving(folder)
            .with(Map.of("OPLOG_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary));
    try (OplogProcess server = serving.start()) {
      server.awaitListening();
      server.kill();
    }
    try (Stream<Path> left = Files.walk(temporary)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }
}
