package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers is no server of ours, or means harm. */
@Timeout(60)
class ForeignServerTest {
  private static final String CLEAR_SCREEN = "\u001b[2J\u009b2J";
  private static final String SHOWN = "\\u001b[2J\\u009b2J";

  @TempDir Path folder;

  private static CommandRun run(ForeignServer server, String command, String... more) {
    String[] line = new String[more.length + 2];
    line[0] = command;
    line[1] = "--url=" + server.url();
    System.arraycopy(more, 0, line, 2, more.length);
    return CommandRun.of(line);
  }

  private static void assertTold(CommandRun run, int exitCode, String... named) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err()).hasLineCount(1).contains(named);
    assertThat(run.err().strip().chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void theWordsOfARefusalDoNotCommandTheTerminal() throws IOException {
    String file = Files.writeString(folder.resolve("lines"), "{}\n").toString();
    try (ForeignServer server = ForeignServer.answering(404, CLEAR_SCREEN + "\r\n\tno")) {
      assertTold(run(server, "status"), ExitCode.FAILURE, SHOWN, server.url());
      assertTold(run(server, "tail"), ExitCode.FAILURE, SHOWN);
      Files.writeString(
          folder.resolve("lines"), "{\"event\":\"insert\",\"type\":\"t\",\"id\":\"x\"}");
      assertTold(run(server, "publish", file), ExitCode.FAILURE, SHOWN);
    }
  }

  @Test
  void aBrokenStatusLineDoesNotCommandTheTerminal() throws IOException {
    try (ForeignServer server = new ForeignServer(CLEAR_SCREEN + "\r\n\r\n")) {
      assertTold(run(server, "status"), ExitCode.UNAVAILABLE, server.url(), "\\u001b[2J");
      CommandRun tail = run(server, "tail", "--retry-for=1ms");
      assertThat(tail.err()).contains("\\u001b[2J").doesNotContain("\u001b");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "\"OK\"",
        "[]",
        "",
        "{",
        "{\"status\":\"OK\"} 5",
        "{\"status\":\"OK\"}{}",
        "<html>"
      })
  void whatIsNoStatusIsToldWithTheServersName(String body) throws IOException {
    try (ForeignServer server = ForeignServer.answering(200, body)) {
      assertTold(run(server, "status"), ExitCode.FAILURE, server.url());
      assertTold(run(server, "status", "--json"), ExitCode.FAILURE, server.url());
    }
  }

  @Test
  void aStatusDoesNotCommandTheTerminal() throws IOException {
    String status = "{\"\\u001b[2J\":\"\u009b2J\",\"status\":\"OK\"}";
    try (ForeignServer server = ForeignServer.answering(200, status)) {
      assertThat(run(server, "status").out()).isEqualTo("\\u001b[2J  \\u009b2J\nstatus     OK\n");
      assertThat(run(server, "status", "--json").out())
          .isEqualTo("{\"\\u001b[2J\":\"\\u009b2J\",\"status\":\"OK\"}\n");
    }
  }

  @Test
  void aStatusWithoutNamesIsShownAsItIs() throws IOException {
    try (ForeignServer server = ForeignServer.answering(200, "{\"\":1}")) {
      assertThat(run(server, "status").out()).isEqualTo("  1\n");
    }
    try (ForeignServer server = ForeignServer.answering(200, "{}")) {
      assertThat(run(server, "status").exitCode()).isEqualTo(ExitCode.FAILURE);
    }
  }

  @Test
  void aNameThatIsLongIsNotFilledUpOnEveryLine() throws IOException {
    String status = "{\"" + "x".repeat(5000) + "\":1,\"a\":2,\"status\":\"OK\"}";
    try (ForeignServer server = ForeignServer.answering(200, status)) {
      assertThat(run(server, "status").out().length()).isLessThan(6000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\u0001", "6920c0de0001000000000A2F", "12"})
  void aPositionThatIsNoneIsMalformed(String id) throws IOException {
    String event = "id: " + id + "\nevent: live\ndata: {}\n\n";
    try (ForeignServer server = ForeignServer.streaming(event)) {
      for (String format : new String[] {"--json=true", "--json=false"}) {
        CommandRun run = run(server, "tail", "--from=0", format);
        assertTold(run, ExitCode.FAILURE, server.url(), "not an event of ours");
      }
    }
  }
}
