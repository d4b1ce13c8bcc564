package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class TailIT {
  @TempDir Path folder;

  private void publish(OplogProcess server, List<String> lines) throws IOException {
    Path file = Files.write(Files.createTempFile(folder, "lines", ""), lines);
    CommandRun run = CommandRun.of("publish", "--url", server.url(), file.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private static List<String> videos(int from, int to) {
    return java.util.stream.IntStream.range(from, to)
        .mapToObj(n -> "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"" + n + "\"}")
        .toList();
  }

  @Test
  void aTailOutlivesItsServer() throws Exception {
    int port;
    try (OplogProcess server = OplogProcess.serve(folder)) {
      port = server.port();
      publish(server, videos(0, 10));
      try (OplogProcess tail =
          OplogProcess.command(
                  folder, "tail", "--json", "--url", server.url(), "--from", "0", "--count", "20")
              .start()) {
        OplogProcess.await(() -> tail.out().contains("\"live\""));
        server.kill();
        try (OplogProcess again = OplogProcess.serve(folder, "--listen", "127.0.0.1:" + port)) {
          publish(again, videos(10, 20));
          assertThat(tail.awaitEnd()).as(tail.err()).isZero();
        }
        assertThat(tail.err()).contains("trying again").contains("connected again");
        assertThat(tail.out().lines().filter(line -> line.contains("\"video\""))).hasSize(20);
      }
    }
  }

  /** Everything that passes a filter, to the end. */
  private OplogProcess replicated(OplogProcess server, String filter) throws IOException {
    return OplogProcess.command(
            folder, "tail", "--url", server.url(), "--from=0", "--exit-at-live", filter)
        .run();
  }

  @Test
  void onlyWhatWasAskedForIsPrinted() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      publish(server, videos(0, 3));
      publish(
          server,
          List.of("{\"event\":\"insert\",\"type\":\"user\",\"id\":\"u\",\"parents\":[\"a\"]}"));
      OplogProcess types = replicated(server, "--types=USER");
      assertThat(types.out().lines().map(line -> line.substring(25)))
          .hasSize(3)
          .element(1)
          .asString()
          .matches("insert  .*Z  user/u  \\[a]");
      OplogProcess parents = replicated(server, "--parents=b");
      assertThat(parents.out().lines()).hasSize(2);
    }
  }

  @Test
  void aReaderThatWantsNoMoreEndsItQuietly() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      publish(server, videos(0, 20_000));
      Path err = Files.createTempFile(folder, "err", "");
      ProcessBuilder builder =
          new ProcessBuilder(
              "sh",
              "-c",
              "\"$0\" tail --from 0 --url " + server.url() + " | head -n 2",
              Path.of(System.getProperty("oplog.root", "..")).resolve("oplog").toString());
      builder.environment().put("OPLOG_JAR", System.getProperty("oplog.jar", "target/oplog.jar"));
      builder.environment().put("OPLOG_JAVA_HOME", System.getProperty("java.home"));
      Process pipe = builder.redirectError(err.toFile()).start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(pipe.getInputStream(), StandardCharsets.UTF_8))) {
        assertThat(out.lines()).hasSize(2);
      }
      assertThat(pipe.waitFor()).isZero();
      assertThat(err).content().isEmpty();
    }
  }
}
