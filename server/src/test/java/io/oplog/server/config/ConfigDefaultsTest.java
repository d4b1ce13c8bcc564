package io.oplog.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.server.config.ConfigDefaults.Found;
import io.oplog.server.config.ConfigDefaults.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigDefaultsTest {
  private static final Set<String> KNOWN = Set.of("listen", "max-body");

  @TempDir Path folder;

  private ConfigFile file(String text) throws IOException {
    return ConfigFile.read(Files.writeString(folder.resolve("oplog.conf"), text), KNOWN);
  }

  @Test
  void ourVariableWinsOverTheOriginalsAndThatOverTheFile() throws Exception {
    ConfigFile file = file("listen = :1\n");
    Map<String, String> original = Map.of("OPLOGD_LISTEN", ":2");
    Map<String, String> both = Map.of("OPLOGD_LISTEN", ":2", "OPLOG_LISTEN", ":3");
    assertThat(new ConfigDefaults(Map.of(), file).find("listen"))
        .contains(new Found(":1", Source.FILE, folder.resolve("oplog.conf").toString()));
    assertThat(new ConfigDefaults(original, file).find("listen"))
        .contains(new Found(":2", Source.VARIABLE, "OPLOGD_LISTEN"));
    assertThat(new ConfigDefaults(both, file).find("listen"))
        .contains(new Found(":3", Source.VARIABLE, "OPLOG_LISTEN"));
  }

  @Test
  void theOriginalsDatabaseIsOurStore() {
    Map<String, String> environment = Map.of("OPLOGD_MONGO_URL", "mongodb://h/oplog");
    assertThat(new ConfigDefaults(environment, ConfigFile.NONE).find("store"))
        .contains(new Found("mongodb://h/oplog", Source.VARIABLE, "OPLOGD_MONGO_URL"));
  }

  @Test
  void theOriginalsVariablesAreThoseItHad() {
    Map<String, String> environment = Map.of("OPLOGD_MAX_BODY", "1");
    assertThat(new ConfigDefaults(environment, ConfigFile.NONE).find("max-body")).isEmpty();
  }

  @Test
  void anEmptyVariableCountsAsNotSet() {
    Map<String, String> environment = Map.of("OPLOG_LISTEN", "");
    assertThat(new ConfigDefaults(environment, ConfigFile.NONE).find("listen")).isEmpty();
  }

  @Test
  void aFileMayHaveCommentsBlankLinesAndAnyValue() throws Exception {
    ConfigFile file = file("# a comment\n\n listen=a = \\b # c \r\nmax-body =\n");
    assertThat(file.value("listen")).contains("a = \\b # c");
    assertThat(file.value("max-body")).contains("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"listen", "lisen = :1", "listen = :1\nlisten = :2"})
  void aLineThatCannotBeUsedIsNamed(String text) {
    assertThatThrownBy(() -> file(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("oplog.conf, line ");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none"), KNOWN))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("none");
  }

  @Test
  void thePasswordFileThatIsMissingIsNamedOnce() {
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> Secrets.firstLine("--password-file", none))
        .isInstanceOf(ConfigException.class)
        .hasMessage("cannot read " + none + " of --password-file: there is no such file or folder");
  }

  @Test
  void optionsThatStandForEachOtherAreTakenFromTheFirstPlaceThatNamesOne() throws Exception {
    ConfigFile file = file("listen = :1\nmax-body = 1\n");
    List<String> both = List.of("listen", "max-body");
    Map<String, String> original = Map.of("OPLOGD_LISTEN", ":2");
    Map<String, String> ours = Map.of("OPLOGD_LISTEN", ":2", "OPLOG_MAX_BODY", "");
    assertThat(new ConfigDefaults(Map.of(), file).findTogether(both))
        .containsOnlyKeys("listen", "max-body");
    assertThat(new ConfigDefaults(original, file).findTogether(both))
        .isEqualTo(Map.of("listen", new Found(":2", Source.VARIABLE, "OPLOGD_LISTEN")));
    assertThat(new ConfigDefaults(ours, file).findTogether(both))
        .isEqualTo(Map.of("max-body", new Found("", Source.VARIABLE, "OPLOG_MAX_BODY")));
  }

  @Test
  void aPasswordFileGivesItsFirstLine() throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "s3cret\nmore\n");
    assertThat(Secrets.firstLine("--password-file", file)).isEqualTo("s3cret");
  }

  @Test
  void anEmptyPasswordFileIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "\n");
    assertThatThrownBy(() -> Secrets.firstLine("--password-file", file))
        .isInstanceOf(ConfigException.class);
  }
}
