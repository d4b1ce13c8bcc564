package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.http.Page;
import io.oplog.server.metrics.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** OPERATIONS.md names what there is, and nothing else. */
class DocumentedTest {
  private final String operations = read();

  private static String read() {
    Path here = Path.of("").toAbsolutePath();
    Path module = here.endsWith("server") ? here : here.resolve("server");
    try {
      return Files.readString(module.resolveSibling("OPERATIONS.md"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The part under a heading that begins so. */
  private String section(String heading) {
    int start = operations.indexOf("\n" + heading);
    assertThat(start).as(heading).isNotNegative();
    int end = operations.indexOf("\n#", start + heading.length());
    return operations.substring(start, end < 0 ? operations.length() : end);
  }

  /** What stands in the first column of the tables of a section, in code marks. */
  private Set<String> documented(String heading, String pattern) {
    return section(heading)
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.split(" \\| ", 2)[0])
        .flatMap(cell -> Pattern.compile("`(" + pattern + ")").matcher(cell).results())
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void everyOptionIsDocumentedAndNoOther() {
    Oplog.commandLine()
        .getSubcommands()
        .forEach((name, command) ->
            assertThat(documented("### `oplog " + name, "--[a-z-]+"))
                .as("options of oplog %s", name)
                .containsExactlyInAnyOrderElementsOf(options(command)));
  }

  private static Set<String> options(CommandLine command) {
    Set<String> names = new TreeSet<>();
    for (OptionSpec option : command.getCommandSpec().options()) {
      names.addAll(List.of(option.names()));
    }
    names.removeIf(name -> !name.startsWith("--"));
    names.removeAll(Set.of("--config", "--help", "--version")); // of all commands, told in words
    return names;
  }

  @Test
  void everyExitCodeIsDocumentedWithItsMeaning() {
    Oplog.commandLine()
        .getCommandSpec()
        .usageMessage()
        .exitCodeList()
        .forEach((code, meaning) ->
            assertThat(section("### Exit codes")).contains("| " + code + " | " + meaning + " |"));
  }

  @Test
  void everyMetricIsDocumentedWithItsMeaningAndNoOther() {
    assertThat(documented("## Metrics", "oplog_\\w+"))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Metric.values()).map(Metric::exposedName).toList());
    for (Metric metric : Metric.values()) {
      assertThat(section("## Metrics").lines())
          .as(metric.exposedName())
          .anyMatch(line ->
              line.startsWith("| `" + metric.exposedName() + "` |")
                  && line.endsWith("| " + metric.help() + " |"));
    }
  }

  @Test
  void everyPageIsDocumentedAndNoOther() {
    Set<String> pages =
        Arrays.stream(Page.Path.values())
            .map(Page.Path::path)
            .collect(Collectors.toCollection(TreeSet::new));
    pages.addAll(Set.of("/", "/ops"));
    assertThat(documented("## Endpoints", "/[a-z]*")).containsExactlyInAnyOrderElementsOf(pages);
  }
}
