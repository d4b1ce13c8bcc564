package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class PublishIT {
  @TempDir Path folder;

  private static String received(OplogProcess server) {
    return CommandRun.of("status", "--url", server.url()).out();
  }

  private static List<String> lines(int count) throws IOException {
    return new ArrayList<>(GitHistory.lines().subList(0, count));
  }

  @Test
  void allBeforeABrokenLineIsPublishedAndNothingAfterIt() throws Exception {
    List<String> lines = lines(1000);
    lines.set(700, "{\"event\":\"create\",\"type\":\"t\",\"id\":\"x\"}");
    Path file = Files.write(folder.resolve("lines"), lines);
    try (OplogProcess server = OplogProcess.serve(folder)) {
      CommandRun run =
          CommandRun.of("publish", "--url", server.url(), "--batch=100", file.toString());
      assertThat(run.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(run.err()).startsWith("oplog: line 701: ").hasLineCount(1);
      assertThat(run.out()).startsWith("published 700 operations");
      assertThat(received(server)).containsPattern("head +700\n");
    }
  }

  @Test
  void aRunUnderTheNameOfAnEarlierOneGoesOn() throws Exception {
    Path part = Files.write(folder.resolve("part"), lines(250));
    Path whole = Files.write(folder.resolve("whole"), lines(1000));
    try (OplogProcess server = OplogProcess.serve(folder)) {
      for (Path file : List.of(part, whole, whole)) {
        CommandRun run =
            CommandRun.of(
                "publish",
                "--url",
                server.url(),
                "--source",
                "import",
                "--batch=100",
                file.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
      }
      assertThat(received(server)).containsPattern("head +1000\n");
    }
  }

  @Test
  void aRunThatIsStoppedSaysWhatIsPublished() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder);
        OplogProcess publish =
            OplogProcess.command(folder, "publish", "--source=a", "--url", server.url(), "-")
                .start()) {
      for (String line : lines(3)) {
        publish.in().write((line + "\n").getBytes(UTF_8));
      }
      publish.in().flush();
      OplogProcess.await(() -> received(server).matches("(?s).*head +3\n.*"));
      assertThat(publish.stop()).isEqualTo(143);
      assertThat(publish.err())
          .isEqualTo("oplog: stopped; 3 operations are published; run again to go on\n");
      assertThat(publish.out()).isEmpty();
    }
  }

  @Test
  void datagramsArriveToo() throws Exception {
    Path file = Files.write(folder.resolve("lines"), lines(500));
    try (OplogProcess server = OplogProcess.serve(folder)) {
      CommandRun run =
          CommandRun.of("publish", "--udp", "--rate=2000", "--url", server.url(), file.toString());
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).startsWith("sent 500 operations");
      OplogProcess.await(() -> received(server).matches("(?s).*head +500\n.*"));
    }
  }

  @Test
  void anObjectUrlAndLimitsReachTheServer() throws Exception {
    Path file = Files.write(folder.resolve("lines"), lines(3));
    try (OplogProcess server =
        OplogProcess.serve(
            folder, "--object-url", "http://api/{{type}}/{{id}}", "--max-parents", "1")) {
      CommandRun run = CommandRun.of("publish", "--url", server.url(), file.toString());
      assertThat(run.exitCode()).as(run.err()).isZero();
      OplogProcess tail =
          OplogProcess.command(
                  folder, "tail", "--url", server.url(), "--from=0", "--exit-at-live", "--json")
              .run();
      assertThat(tail.out()).contains("\"ref\":\"http://api/file/LICENSE\"");
      Path two =
          Files.writeString(
              folder.resolve("two"),
              GitHistory.lines().get(0)
                  + "\n{\"event\":\"insert\",\"type\":\"t\",\"id\":\"x\",\"parents\":[\"a\",\"b\"]}");
      CommandRun refused = CommandRun.of("publish", "--url", server.url(), two.toString());
      assertThat(refused.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(refused.err()).contains("line 2: ");
      assertThat(received(server)).containsPattern("head +4\n");
    }
  }
}
