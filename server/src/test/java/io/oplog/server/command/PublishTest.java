package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.memory.MemoryStore;
import io.oplog.server.OplogServer;
import io.oplog.server.ServerOptions;
import io.oplog.server.http.HttpLimits;
import io.oplog.server.http.HttpOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is published by a command within the test, to a server within the test. */
@Timeout(60)
class PublishTest {
  @TempDir Path folder;

  private static OplogServer serve(HttpOptions http) throws IOException {
    ServerOptions options = ServerOptions.defaults().withAddress("127.0.0.1", 0).withHttp(http);
    return OplogServer.start(options, new MemoryStore());
  }

  private static OplogServer serve() throws IOException {
    return serve(HttpOptions.defaults());
  }

  private static CommandRun run(OplogServer server, String command, String... rest) {
    String url = "http://127.0.0.1:" + server.port();
    return CommandRun.of(
        Stream.concat(Stream.of(command, "--url", url), Stream.of(rest)).toArray(String[]::new));
  }

  private static String lines(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(n -> "{\"event\":\"insert\",\"type\":\"t\",\"id\":\"" + n + "\"}\n")
        .collect(Collectors.joining());
  }

  private String file(int lines) throws IOException {
    return Files.writeString(folder.resolve("lines-" + lines), lines(lines)).toString();
  }

  private static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void whatAPackedFileHoldsUpToWhereItWasCutIsPublished() throws Exception {
    byte[] whole = packed(lines(20_000));
    Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, whole.length / 2));
    try (OplogServer server = serve()) {
      CommandRun run = run(server, "publish", "--batch=1000", cut.toString());
      long stored = server.snapshot().bounds().head();
      assertThat(run.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(stored).isBetween(1000L, 19_999L);
      assertThat(run.out()).startsWith(String.format("published %,d operations in ", stored));
      assertThat(run.err())
          .isEqualTo("oplog: " + cut + ", after line " + stored + ": ends unexpectedly\n");
    }
  }

  @Test
  void aRunThatIsRepeatedUnderItsNameSaysWhatWasThere() throws Exception {
    try (OplogServer server = serve()) {
      assertThat(run(server, "publish", "--source=a", file(5)).out())
          .startsWith("published 5 operations");
      assertThat(run(server, "publish", "--source=a", file(5)).out())
          .startsWith("published 0 operations")
          .endsWith("; the first 5 lines were there already\n");
      assertThat(run(server, "publish", "--source=a", file(7)).out())
          .startsWith("published 2 operations")
          .endsWith("; the first 5 lines were there already\n");
      assertThat(server.snapshot().ingest().error()).isZero();
      assertThat(server.snapshot().bounds().head()).isEqualTo(7);
    }
  }

  @Test
  void oneIsNotCountedAsMany() throws Exception {
    try (OplogServer server = serve()) {
      assertThat(run(server, "publish", "--source=a", file(1)).out())
          .startsWith("published 1 operation in ");
      assertThat(run(server, "publish", "--source=a", file(2)).out())
          .endsWith("; the first line was there already\n");
    }
  }

  @Test
  void whoGaveNoPasswordHearsHowItIsGiven() throws Exception {
    try (OplogServer server = serve(HttpOptions.defaults().withPasswords("r", "w"))) {
      CommandRun publish = run(server, "publish", file(1));
      CommandRun wrong = run(server, "publish", "--password=x", file(1));
      CommandRun tail = run(server, "tail", "--from=0");
      assertThat(publish.exitCode()).isEqualTo(ExitCode.PASSWORD);
      assertThat(publish.out()).isEmpty();
      assertThat(publish.err())
          .endsWith(
              " wants a password for ingest: --ingest-password-file or OPLOG_INGEST_PASSWORD\n");
      assertThat(wrong.err())
          .endsWith(
              " wants another password for ingest: --ingest-password-file or OPLOG_INGEST_PASSWORD\n");
      CommandRun dump = run(server, "dump", "--password=x", "--output=" + folder.resolve("out"));
      assertThat(dump.err())
          .endsWith(" wants another password: --password-file or OPLOG_PASSWORD\n");
      assertThat(tail.err()).endsWith(" wants a password: --password-file or OPLOG_PASSWORD\n");
    }
  }

  @Test
  void aFileThatEndsBeforeWhereItsSourceStandsIsAnError() throws Exception {
    try (OplogServer server = serve()) {
      assertThat(run(server, "publish", "--source=a", file(7)).exitCode()).isZero();
      CommandRun run = run(server, "publish", "--source=a", file(5));
      assertThat(run.exitCode()).isEqualTo(ExitCode.DATA);
      assertThat(run.out()).isEmpty();
      assertThat(run.err())
          .isEqualTo(
              "oplog: " + file(5) + " ends after line 5, and the source a has line 7 already\n");
    }
  }

  @Test
  void aServerThatTakesLittleAtOnceGetsAllOfIt() throws Exception {
    try (OplogServer server = serve(HttpOptions.defaults().withLimits(bodiesUpTo(2000)))) {
      CommandRun run = run(server, "publish", file(50_000));
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).startsWith("published 50,000 operations");
      assertThat(run.err()).isEmpty();
      assertThat(server.snapshot().bounds().head()).isEqualTo(50_000);
    }
  }

  static HttpLimits bodiesUpTo(int bytes) {
    HttpLimits limits = HttpLimits.defaults();
    return new HttpLimits(
        limits.maxConnections(),
        limits.maxRequestLineBytes(),
        limits.maxHeadBytes(),
        bytes,
        limits.maxBufferedBytes(),
        limits.maxFilterBytes(),
        limits.maxPipelined(),
        limits.headTimeout(),
        limits.bodyTimeout(),
        limits.idleTimeout(),
        limits.writeTimeout(),
        limits.lingerTimeout());
  }
}
