package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Values that no part of oplog could use are refused before anything is done with them. */
class RangeCheckTest {
  @TempDir Path folder;

  private CommandRun serve(Map<String, String> environment, String option) {
    return CommandRun.of(
        environment, "serve", "--listen=127.0.0.1:0", "--data=" + folder.resolve("data"), option);
  }

  @ParameterizedTest
  @CsvSource({
    "--readers,0,1 to 1024",
    "--readers,100000,1 to 1024",
    "--event-loops,-1,0 to 1024",
    "--max-type,0,1 to 256MiB",
    "--max-body,3GB,1 to 256MiB",
    "--max-depth,-4,1 to 1000",
    "--heartbeat,0,1ms to 90d",
    "--body-timeout,0s,1ms to 90d",
    "--max-connection-age,1000d,0 to 90d",
    "--stop-grace,2d,0 to 1d"
  })
  void theServerNamesOptionValueAndRangeAndTouchesNothing(
      String option, String value, String range) {
    CommandRun run = serve(Map.of(), option + "=" + value);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err().lines().findFirst().orElse(""))
        .startsWith("oplog: Invalid value for option '" + option + "' (")
        .endsWith("): '" + value + "' is not from " + range);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aValueFromAVariableNamesTheVariable() {
    CommandRun run = serve(Map.of("OPLOG_READERS", "0"), "--max-depth=7");
    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(run.err())
        .contains("--readers", "'0' is not from 1 to 1024", "(from OPLOG_READERS)")
        .doesNotContain("\tat ");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aValueOfTheWrongFormTouchesNothingEither() {
    CommandRun run = serve(Map.of(), "--object-url=http://api/{{nobody}}");
    assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"publish,--batch=0", "publish,--rate=-1", "tail,--count=-1", "tail,--silence=0"})
  void clientsAreToldToo(String command, String option) throws Exception {
    Path file = Files.createFile(folder.resolve("empty"));
    CommandRun run =
        command.equals("publish")
            ? CommandRun.of(command, option, file.toString())
            : CommandRun.of(command, option);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(option.replaceFirst("=.*", ""), "is not from");
  }

  @Test
  void helpIsGivenAllTheSame() {
    CommandRun run = CommandRun.of("serve", "--readers=0", "--help");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("Usage: oplog serve");
  }

  @Test
  void everyQuantityHasItsBounds() {
    for (CommandLine command : Oplog.commandLine().getSubcommands().values()) {
      for (OptionSpec option : command.getCommandSpec().options()) {
        if (isQuantity(option.type())) {
          Field field = (Field) option.userObject();
          assertThat(field.getAnnotation(Within.class)).as(option.longestName()).isNotNull();
        }
      }
    }
  }

  private static boolean isQuantity(Class<?> type) {
    return type == int.class || type == long.class || type == Duration.class;
  }
}
