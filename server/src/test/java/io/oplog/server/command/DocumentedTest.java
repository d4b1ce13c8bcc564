package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class DocumentedTest {
  private static String readme() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    Path module = here.endsWith("server") ? here : here.resolve("server");
    return Files.readString(module.resolveSibling("README.md"));
  }

  @Test
  void everyOptionIsInTheReadme() throws Exception {
    String readme = readme();
    for (Map.Entry<String, CommandLine> command : Oplog.commandLine().getSubcommands().entrySet()) {
      assertThat(readme).contains("oplog " + command.getKey());
      for (OptionSpec option : command.getValue().getCommandSpec().options()) {
        assertThat(readme)
            .as("an option of oplog %s", command.getKey())
            .contains("`" + option.longestName());
      }
    }
  }

  @Test
  void everyExitCodeIsInTheReadme() throws Exception {
    String readme = readme();
    Oplog.commandLine()
        .getCommandSpec()
        .usageMessage()
        .exitCodeList()
        .keySet()
        .forEach(code -> assertThat(readme).contains("| " + code + " |"));
  }
}
