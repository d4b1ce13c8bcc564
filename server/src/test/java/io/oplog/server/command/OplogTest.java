package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.server.ServerOptions;
import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.ConfigFile;
import io.oplog.store.rocksdb.Durability;
import io.oplog.store.rocksdb.RocksOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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
    assertThat(serve(Map.of(), ConfigFile.NONE).intake().listen().port()).isEqualTo(8042);
    assertThat(serve(Map.of(), file).intake().listen().port()).isEqualTo(1);
    assertThat(serve(original, file).intake().listen().port()).isEqualTo(2);
    assertThat(serve(ours, file).intake().listen().port()).isEqualTo(3);
    assertThat(serve(ours, file, "--listen", ":4").intake().listen().port()).isEqualTo(4);
    assertThat(serve(ours, file).server().http().operations().maxDepth()).isEqualTo(9);
  }

  /** But for what the process's limit of descriptors allows. */
  @Test
  void defaultsAreThoseOfTheParts() {
    ServeOptions options = serve(Map.of(), ConfigFile.NONE);
    assertThat(options.server())
        .usingRecursiveComparison()
        .ignoringFields("http.limits.maxConnections")
        .isEqualTo(ServerOptions.defaults().withVersion(Version.text()));
    assertThat(options.rocks())
        .usingRecursiveComparison()
        .ignoringFields("maxOpenFiles")
        .isEqualTo(RocksOptions.defaults());
  }

  @Test
  void roomForLessThanTheLongestBodyIsRefused() {
    ServeOptions options =
        serve(Map.of(), ConfigFile.NONE, "--max-body=1MiB", "--max-buffered=2097151B");
    assertThatThrownBy(options::server)
        .isInstanceOf(ConfigException.class)
        .hasMessage("--max-buffered: must be at least twice --max-body, 2097152 bytes");
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
  void aPasswordFileNamedByAVariableWinsOverAPasswordInTheFile() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "from-variable\n");
    Path conf = Files.writeString(folder.resolve("conf"), "password = from-conf\n");
    ServeOptions options =
        serve(
            Map.of("OPLOG_PASSWORD_FILE", secret.toString()),
            ConfigFile.read(conf, Set.of("password")));
    assertThat(options.server().http().password()).isEqualTo("from-variable");
  }

  /** Every switch of every command. */
  static Stream<Arguments> switches() {
    return Oplog.commandLine().getSubcommands().entrySet().stream()
        .flatMap(command ->
            command.getValue().getCommandSpec().options().stream()
                .filter(option -> option.type() == boolean.class)
                .filter(option -> !option.usageHelp() && !option.versionHelp())
                .map(ConfigDefaults::name)
                .map(name -> Arguments.of(command.getKey(), name)));
  }

  @ParameterizedTest
  @MethodSource("switches")
  void aSwitchGivenTwiceIsOn(String command, String name) {
    Map<String, String> on = Map.of(ConfigDefaults.variable(name), "true");
    Map<String, String> off = Map.of(ConfigDefaults.variable(name), "false");
    for (Map<String, String> environment : List.of(Map.<String, String>of(), on, off)) {
      assertThat(isOn(environment, command, name, "--" + name)).as("%s", environment).isTrue();
      assertThat(isOn(environment, command, name, "--" + name + "=true")).isTrue();
      assertThat(isOn(environment, command, name, "--" + name + "=false")).isFalse();
    }
    assertThat(isOn(on, command, name)).isTrue();
    assertThat(isOn(off, command, name)).isFalse();
    assertThat(isOn(Map.of(), command, name)).isFalse();
  }

  private static boolean isOn(
      Map<String, String> environment, String command, String name, String... flags) {
    CommandLine line = Oplog.commandLine();
    line.setDefaultValueProvider(new ConfigDefaults(environment, ConfigFile.NONE));
    Stream<String> file =
        switch (command) {
          case "publish", "sync" -> Stream.of("-");
          case "agent" -> Stream.of("--to", "http://central:8042");
          default -> Stream.empty();
        };
    line.parseArgs(
        Stream.concat(Stream.concat(Stream.of(command), Stream.of(flags)), file)
            .toArray(String[]::new));
    CommandLine parsed = Objects.requireNonNull(line.getSubcommands().get(command));
    return Objects.requireNonNull(
        parsed.getCommandSpec().findOption("--" + name).<Boolean>getValue());
  }

  @Test
  void aSwitchIsTrueOrFalse() {
    CommandRun run = CommandRun.of("status", "--json=maybe");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--json", "'maybe' must be true or false");
  }

  /** Publishes to nobody: only a password that is refused is not unavailable. */
  private static CommandRun publish(Map<String, String> environment, String... options) {
    return CommandRun.of(
        environment,
        Stream.concat(
                Stream.of("publish", "--url=http://127.0.0.1:1", "--retry-for=1ms"),
                Stream.of(options))
            .toArray(String[]::new));
  }

  @Test
  void anEmptyPasswordIsNotTakenForNone() throws Exception {
    String file = Files.writeString(folder.resolve("secret"), "x\n").toString();
    Path conf = Files.writeString(folder.resolve("conf"), "ingest-password =\n");
    String variable = "OPLOG_INGEST_PASSWORD";
    assertRefused(publish(Map.of(), "--ingest-password=", file), ExitCode.USAGE, "is empty");
    assertRefused(publish(Map.of(), "--password", "", file), ExitCode.USAGE, "is empty");
    assertRefused(publish(Map.of(variable, ""), file), ExitCode.CONFIGURATION, variable);
    assertRefused(
        publish(Map.of(variable + "_FILE", ""), file), ExitCode.CONFIGURATION, variable + "_FILE");
    assertRefused(
        publish(Map.of(), "--config", conf.toString(), file),
        ExitCode.CONFIGURATION,
        "ingest-password in " + conf);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--password", "--ingest-password"})
  void whatIsSaidOfAPasswordNamesTheOptionThatWasTyped(String option) throws Exception {
    String file = Files.writeString(folder.resolve("secret"), "x\n").toString();
    assertThat(publish(Map.of(), option, "x", file).err())
        .contains(" can see " + option + " in the list", "better use " + option + "-file or");
    assertRefused(
        publish(Map.of(), option + "=", file), ExitCode.USAGE, "oplog: " + option + " is");
  }

  @Test
  void aFileThatIsCalledLikeAVariableIsNamedAsAFile() throws Exception {
    Path conf = Files.writeString(folder.resolve("OPLOG_CONF"), "ingest-password =\n");
    Path here = Path.of("").toAbsolutePath().relativize(conf);
    assertThat(
            new ConfigDefaults(Map.of(), ConfigFile.read(here, Set.of("ingest-password")))
                .find("ingest-password"))
        .hasValueSatisfying(found ->
            assertThat(found.place("ingest-password")).isEqualTo("ingest-password in " + here));
  }

  @Test
  void inOnePlaceThereIsOnePassword() throws Exception {
    String file = Files.writeString(folder.resolve("secret"), "x\n").toString();
    Path conf =
        Files.writeString(
            folder.resolve("conf"), "ingest-password = x\ningest-password-file = " + file);
    Map<String, String> both =
        Map.of("OPLOG_INGEST_PASSWORD", "x", "OPLOG_INGEST_PASSWORD_FILE", file);
    assertRefused(
        publish(Map.of(), "--password=x", "--password-file", file, file),
        ExitCode.USAGE,
        "not both");
    assertRefused(publish(both, file), ExitCode.CONFIGURATION, "OPLOG_INGEST_PASSWORD_FILE");
    assertRefused(
        publish(Map.of(), "--config", conf.toString(), file), ExitCode.CONFIGURATION, "not both");
  }

  private static void assertRefused(CommandRun run, int exitCode, String named) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
    assertThat(run.err()).contains(named).doesNotContain("\tat ");
  }

  @Test
  void aVariableThatNothingReadsIsNamedWithTheOneThatIsMeant() {
    Map<String, String> environment =
        Map.of("OPLOG_RETENSION", "7d", "OPLOG_JAVA_OPTS", "-Xmx1g", "OPLOG_TYPES", "video");
    CommandRun run = CommandRun.of(environment, "--version");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .hasLineCount(1)
        .contains("OPLOG_RETENSION; did you mean OPLOG_RETENTION?");
  }

  @Test
  void whatAClusterSetsForAServiceOfOurNameIsNobodysMistake() {
    Map<String, String> environment =
        Map.of(
            "OPLOG_PORT", "tcp://10.0.0.1:8042",
            "OPLOG_PORT_8042_TCP_ADDR", "10.0.0.1",
            "OPLOG_SERVICE_HOST", "10.0.0.1",
            "OPLOG_SERVICE_PORT_HTTP", "8042");
    assertThat(CommandRun.of(environment, "--version").err()).isEmpty();
  }

  @Test
  void aCommandThatDoesNotExistIsNamedWithThoseThatDo() {
    CommandRun run = CommandRun.of("serv");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .startsWith(
            "oplog: no command 'serv'; there are serve, agent, relay, publish, tail, status, sync, dump\n");
  }

  @Test
  void ofAWrongLineTheUnknownOptionIsNamedAndWhatItMayBe() {
    for (String[] line :
        new String[][] {{"publish", "--ulr", "U", "FILE"}, {"publish", "--ulr=U"}}) {
      CommandRun run = CommandRun.of(line);
      assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).startsWith("oplog: no option '--ulr'; did you mean '--url'?\n");
    }
  }

  @Test
  void helpIsACommandToo() {
    assertThat(CommandRun.of("help")).isEqualTo(CommandRun.of("--help"));
    assertThat(CommandRun.of("help", "tail")).isEqualTo(CommandRun.of("tail", "--help"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--rate=5",
        "--udp --source=a",
        "--udp --batch=5",
        "--udp --retry-for=1s",
        "--udp --password=x",
        "--udp --url=https://127.0.0.1:1"
      })
  void anOptionWithoutEffectIsRefused(String options) throws Exception {
    String file = Files.createFile(folder.resolve("empty")).toString();
    String[] line = ("publish " + options + " " + file).split(" ", -1);
    assertRefused(CommandRun.of(line), ExitCode.USAGE, "oplog: ");
    assertThat(CommandRun.of(Map.of("OPLOG_RATE", "5"), "publish", file).exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--count=0", "--count=-1", "--silence=0"})
  void aTailThatCouldPrintNothingIsRefused(String option) {
    CommandRun run = CommandRun.of("tail", "--url=http://127.0.0.1:1", "--retry-for=1ms", option);
    assertRefused(run, ExitCode.USAGE, option.replaceFirst("=.*", ""));
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    CommandRun run = CommandRun.of("status", "--url", "http://nowhere.invalid:8042");
    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("no such host: nowhere.invalid").hasLineCount(1);
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
    try (StopSignal stop = new StopSignal(options.intake().graces())) {
      assertThat(stop.longest()).isGreaterThan(Duration.ofMinutes(13));
    }
  }

  @Test
  void helpNamesCommandsExitCodesAndExamples() {
    CommandRun help = CommandRun.of("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .contains("serve", "publish", "tail", "status", "sync", "dump")
        .contains("Exit codes:", "77 ")
        .contains("OPLOG_", "Examples:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "publish", "tail", "status", "sync", "dump"})
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
