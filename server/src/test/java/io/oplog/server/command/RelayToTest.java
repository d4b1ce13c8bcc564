package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.ConfigFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/** Which targets are named, wherever that is. */
class RelayToTest {
  private static final String BOTH = "Redis at a:6379, Redis at b:6380";

  private final StringWriter err = new StringWriter();

  @Command
  private static final class Target {
    @Mixin private RelayTo to;
  }

  private String shown(Map<String, String> environment, String... arguments) {
    Target target = new Target();
    new CommandLine(target)
        .setDefaultValueProvider(new ConfigDefaults(environment, ConfigFile.NONE))
        .setErr(new PrintWriter(err, true))
        .parseArgs(arguments);
    return target.to.shown();
  }

  private String shown(String... arguments) {
    return shown(Map.of(), arguments);
  }

  private static void isRefused(String words, ThrowingCallable call) {
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(call)
        .withMessageContaining(words);
  }

  @Test
  void severalAreGivenEachByItselfOrWithCommasBetweenThem(@TempDir Path folder) throws Exception {
    assertThat(shown("--to", "redis://a", "--to", "redis://b:6380/1")).isEqualTo(BOTH);
    assertThat(shown("--to", "redis://a, redis://b:6380")).isEqualTo(BOTH);
    assertThat(shown(Map.of("OPLOG_TO", "redis://a,redis://b:6380"))).isEqualTo(BOTH);
    Path file = Files.writeString(folder.resolve("to"), "redis://a\n\n redis://:p@b:6380\n");
    assertThat(shown("--to-file", file.toString())).isEqualTo(BOTH);
    assertThat(shown(Map.of("OPLOG_TO_FILE", file.toString()))).isEqualTo(BOTH);
    assertThat(shown(Map.of("OPLOG_TO", "redis://c"), "--to", "redis://a,redis://b:6380"))
        .isEqualTo(BOTH);
    assertThat(err).hasToString("");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "redis-sentinel://h1,h2:1/0#m | Redis m of the Sentinels h1:26379, h2:1",
        "redis://h,redis-sentinel://:p@host1:1,host2:2#m"
            + " | Redis at h:6379, Redis m of the Sentinels host1:1, host2:2",
        "redis://h,redis-sentinel://s:26379?sentinelMasterId=m"
            + " | Redis at h:6379, Redis m of the Sentinels s:26379"
      })
  void theCommasBetweenTheHostsOfAnAddressStay(String given, String shown) {
    assertThat(shown(Map.of("OPLOG_TO", given))).isEqualTo(shown);
  }

  @Test
  void aSecretAmongTheFlagsIsWarnedOf() {
    assertThat(shown("--to", "redis://a", "--to", "redis://:secret@b:6380")).isEqualTo(BOTH);
    assertThat(err.toString()).contains("can see --to").doesNotContain("secret");
  }

  @Test
  void oneThatIsNamedTwiceWouldBeToldTwice() {
    isRefused("--to names Redis at a:6379 twice", () -> shown("--to", "redis://a,redis://a/1"));
  }

  @Test
  void severalAreForRedisAlone() {
    isRefused("several --to are for Redis", () -> shown("--to", "http://a", "--to", "http://b"));
    isRefused("several --to are for Redis", () -> shown("--to", "redis://a", "--to", "-"));
    isRefused("several --to are for Redis", () -> shown("--to", "redis://a,http://b"));
  }

  @Test
  void addressesThatAreMissingAreToldWithTheirPlace(@TempDir Path folder) throws Exception {
    Path empty = Files.writeString(folder.resolve("to"), "\n \n");
    isRefused("--to says where", () -> shown());
    isRefused("--to is empty", () -> shown("--to", ""));
    isRefused("not the address of a Redis", () -> shown("--to", "redis://a, ,redis://b"));
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> shown("--to-file", empty.toString()))
        .withMessageContaining("is empty");
  }

  @Test
  void anAddressSaysWhatIsThere() {
    String kinds = "--to begins with what is there";
    isRefused(kinds, () -> shown("--to", "localhost:6379"));
    isRefused(kinds, () -> shown("--to", "localhost:8042"));
    isRefused(kinds, () -> shown("--to", "postgres://localhost"));
    assertThat(shown("--to", "http://h:8042")).isEqualTo("http://h:8042");
    CommandRun run = CommandRun.of("relay", "--from", "localhost:27017", "--to", "-");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--from begins with what is there", "mongodb://");
    CommandRun captured = CommandRun.of("serve", "--capture", "localhost:27017");
    assertThat(captured.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(captured.err()).contains("--capture begins with what is there");
  }

  @Test
  void whoHasSignedACertificateIsForTls() {
    isRefused("--to-ca is for TLS", () -> shown("--to", "redis://a", "--to-ca", "ca.pem"));
    assertThat(shown("--to", "redis://a,rediss://b:6380", "--to-ca", "ca.pem")).isEqualTo(BOTH);
    assertThat(shown("--to", "rediss-sentinel://h#m", "--to-ca", "ca.pem"))
        .isEqualTo("Redis m of the Sentinels h:26379");
  }
}
