package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.ServerOptions;
import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigFile;
import io.oplog.store.rocksdb.Durability;
import io.oplog.store.rocksdb.RocksOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class OplogTest {
  @TempDir Path folder;

  /** What serve would be told. */
  private static ServeOptions serve(
      Map<String, String> environment, ConfigFile file, String... options) {
    CommandLine command = Oplog.commandLine();
    command.setErr(new PrintWriter(new StringWriter()));
    command.setDefaultValueProvider(new ConfigDefaults(environment, file));
    command.parseArgs(Stream.concat(Stream.of("serve"), Stream.of(options)).toArray(String[]::new));
    CommandLine serve = Objects.requireNonNull(command.getSubcommands().get("serve"));
    return (ServeOptions) Objects.requireNonNull(serve.getMixins().get("options"));
  }

  @Test
  void aFlagWinsOverAVariableAndAVariableOverTheFile() throws Exception {
    Path path = Files.writeString(folder.resolve("conf"), "listen = :1\nmax-depth = 9\n");
    ConfigFile file = ConfigFile.read(path, Set.of("listen", "max-depth"));
    Map<String, String> original = Map.of("OPLOGD_LISTEN", ":2");
    Map<String, String> ours = Map.of("OPLOGD_LISTEN", ":2", "OPLOG_LISTEN", ":3");
    assertThat(serve(Map.of(), ConfigFile.NONE).listen().port()).isEqualTo(8042);
    assertThat(serve(Map.of(), file).listen().port()).isEqualTo(1);
    assertThat(serve(original, file).listen().port()).isEqualTo(2);
    assertThat(serve(ours, file).listen().port()).isEqualTo(3);
    assertThat(serve(ours, file, "--listen", ":4").listen().port()).isEqualTo(4);
    assertThat(serve(ours, file).server().http().operations().maxDepth()).isEqualTo(9);
  }

  @Test
  void defaultsAreThoseOfTheParts() {
    ServeOptions options = serve(Map.of(), ConfigFile.NONE);
    assertThat(options.server()).isEqualTo(ServerOptions.defaults().withVersion(Version.text()));
    assertThat(options.rocks()).isEqualTo(RocksOptions.defaults());
  }

  @Test
  void theOptionsOfTheOriginalAreUnderstood() {
    ServerOptions options =
        serve(
                Map.of("OPLOGD_OBJECT_URL", "http://api/{{type}}/{{id}}", "OPLOGD_PASSWORD", "p"),
                ConfigFile.NONE,
                "--max-queued-events=7",
                "--ingest-password=i")
            .server();
    assertThat(options.engine().objectUrl()).isNotNull();
    assertThat(options.engine().maxQueuedOperations()).isEqualTo(7);
    assertThat(options.http().password()).isEqualTo("p");
    assertThat(options.http().ingestPassword()).isEqualTo("i");
  }

  @Test
  void aPasswordFileNamedByAFlagWinsOverAVariable() throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "from-file\n");
    ServeOptions options =
        serve(
            Map.of("OPLOG_PASSWORD", "from-variable"),
            ConfigFile.NONE,
            "--password-file",
            file.toString());
    assertThat(options.server().http().password()).isEqualTo("from-file");
  }

  @Test
  void whatTheStoreKeepsCanBeSaid() {
    RocksOptions options =
        serve(Map.of(), ConfigFile.NONE, "--retention=3d", "--keep-deletes=5d", "--durability=os")
            .rocks();
    assertThat(options.durability()).isEqualTo(Durability.OS);
    assertThat(options.retention().logAge()).isEqualTo(Duration.ofDays(3));
    assertThat(options.retention().logBytes()).isEqualTo(Long.MAX_VALUE);
    assertThat(options.retention().deletesAge()).isEqualTo(Duration.ofDays(5));
  }

  @Test
  void theWriteTimeoutHoldsForStreamsAndOtherAnswers() {
    ServerOptions options = serve(Map.of(), ConfigFile.NONE, "--write-timeout=7s").server();
    assertThat(options.engine().streams().writeTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(options.http().limits().writeTimeout()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void theProcessWaitsAsLongAsTheGracesAsk() {
    ServeOptions options = serve(Map.of(), ConfigFile.NONE, "--ready-grace=3m", "--stop-grace=10m");
    try (StopSignal stop = new StopSignal(options.graces())) {
      assertThat(stop.longest()).isGreaterThan(Duration.ofMinutes(13));
    }
  }

  @Test
  void helpNamesCommandsExitCodesAndExamples() {
    CommandRun help = CommandRun.of("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .contains("serve", "publish", "tail", "status")
        .contains("Exit codes:", "77 ")
        .contains("OPLOG_", "Examples:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "publish", "tail", "status"})
  void everyCommandHasHelpWithAnExample(String name) {
    CommandRun help = CommandRun.of(name, "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .startsWith("Usage: oplog " + name)
        .contains("Examples:", "oplog " + name);
  }

  @Test
  void versionsAreShown() {
    assertThat(CommandRun.of("--version").out()).startsWith("oplog ");
    assertThat(CommandRun.of("tail", "--version").out()).startsWith("oplog ");
  }

  @Test
  void wrongUsageSaysWhereHelpIs() {
    CommandRun run = CommandRun.of("tail", "--form", "0");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--form").contains("Try 'oplog tail --help'");
    assertThat(CommandRun.of().exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aWrongPositionIsWrongUsage() {
    CommandRun run = CommandRun.of("tail", "--from", "-5");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aWrongValueFromAVariableNamesTheVariable() {
    CommandRun run = CommandRun.of(Map.of("OPLOG_RETENTION", "a week"), "serve");
    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(run.err()).contains("--retention", "'a week' is not like", "(from OPLOG_RETENTION)");
  }

  @Test
  void anUnknownNameInTheFileNamesTheLine() throws Exception {
    Path file = Files.writeString(folder.resolve("conf"), "listen = :0\nretension = 7d\n");
    CommandRun run = CommandRun.of("serve", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(run.err()).contains("conf, line 2: there is no option retension");
  }

  @Test
  void theFileMayBeNamedByAVariable() {
    CommandRun run = CommandRun.of(Map.of("OPLOG_CONFIG", "/nowhere/conf"), "status");
    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(run.err()).contains("/nowhere/conf");
  }

  @Test
  void aMissingFileIsNoInput() {
    CommandRun run = CommandRun.of("publish", folder.resolve("none").toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.NO_INPUT);
    assertThat(run.err()).contains("there is no file ").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--batch=0", "--rate=0", "--source=a b", "--retry-for=soon"})
  void aWrongValueIsNamedAndNothingIsSent(String option) throws Exception {
    Path file = Files.createFile(folder.resolve("empty"));
    CommandRun run = CommandRun.of("publish", option, file.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(option.replaceFirst("=.*", "")).doesNotContain("\tat ");
  }

  @Test
  void aServerThatIsNotThereIsUnavailable() {
    CommandRun run = CommandRun.of("status", "--url", "http://127.0.0.1:1");
    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("http://127.0.0.1:1").doesNotContain("\tat ");
  }
}
