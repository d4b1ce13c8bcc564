package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class LauncherIT {
  private static final Map<String, String> CLASS_SOURCES =
      Map.of("OPLOG_JAVA_OPTS", "-Xlog:class+load");

  @TempDir Path folder;

  @Test
  void findsAJavaThatIsNewEnough() throws Exception {
    OplogProcess found =
        OplogProcess.command(folder, "--version")
            .without("OPLOG_JAVA_HOME")
            .with(Map.of("JAVA_HOME", System.getProperty("java.home")))
            .run();
    assertThat(found.exitCode()).as(found.err()).isZero();
    assertThat(found.out()).startsWith("oplog ");
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    Path old = Files.createDirectories(folder.resolve("java/bin"));
    assertThat(Files.createFile(old.resolve("java")).toFile().setExecutable(true)).isTrue();
    Files.writeString(folder.resolve("java/release"), "JAVA_VERSION=\"21.0.1\"\n");
    OplogProcess refused =
        OplogProcess.command(folder, "--version")
            .with(Map.of("OPLOG_JAVA_HOME", folder.resolve("java").toString()))
            .run();
    assertThat(refused.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(refused.err()).contains("is not a Java 25 or newer").hasLineCount(1);
  }

  @Test
  void aCheckoutsFirstStartKeepsTheLoadedClassesForTheNext() throws Exception {
    Path checkout = checkout();
    OplogProcess first = OplogProcess.of(checkout, folder, "--version").run();
    OplogProcess next = OplogProcess.of(checkout, folder, "--version").with(CLASS_SOURCES).run();
    assertThat(first.out()).startsWith("oplog ");
    assertThat(caches(checkout)).hasSize(1);
    assertThat(sources(next, "io.oplog.server.command.Oplog ")).allMatch(LauncherIT::isShared);
  }

  @Test
  void aCacheOfAnOtherJarIsNotUsedAndNothingIsSaidOfIt() throws Exception {
    Path checkout = checkout();
    assertThat(OplogProcess.of(checkout, folder, "--version").run().exitCode()).isZero();
    Path cache = caches(checkout).getFirst();
    Path other = Files.createDirectory(folder.resolve("other")).resolve("oplog.jar");
    Files.copy(checkout.resolve("server/target/oplog.jar"), other);
    Files.copy(cache, other.resolveSibling(cache.getFileName()));
    OplogProcess quiet = OplogProcess.command(folder, "--version").with(jar(other)).run();
    OplogProcess loud =
        OplogProcess.command(folder, "--version").with(jar(other)).with(CLASS_SOURCES).run();
    assertThat(quiet.out()).startsWith("oplog ").doesNotContain("[warning]");
    assertThat(quiet.err()).isEmpty();
    assertThat(sources(loud, "io.oplog.server.command.Oplog ")).noneMatch(LauncherIT::isShared);
  }

  private static Map<String, String> jar(Path jar) {
    return Map.of("OPLOG_JAR", jar.toString());
  }

  /** What the launcher sees of a source checkout that has been built. */
  private Path checkout() throws IOException {
    Path checkout = Files.createDirectory(folder.resolve("checkout"));
    Path target = Files.createDirectories(checkout.resolve("server/target"));
    Files.copy(OplogProcess.LAUNCHER, checkout.resolve("oplog"));
    assertThat(checkout.resolve("oplog").toFile().setExecutable(true)).isTrue();
    Files.createFile(checkout.resolve("pom.xml"));
    Files.copy(OplogProcess.JAR, target.resolve("oplog.jar"));
    return checkout;
  }

  private static List<Path> caches(Path checkout) throws IOException {
    try (Stream<Path> files = Files.list(checkout.resolve("server/target"))) {
      return files.filter(file -> file.toString().endsWith(".aot")).toList();
    }
  }

  /** From where a class was loaded. */
  private static List<String> sources(OplogProcess process, String name) {
    List<String> lines = process.out().lines().filter(line -> line.contains(name)).toList();
    assertThat(lines).as(process.out()).isNotEmpty();
    return lines;
  }

  private static boolean isShared(String line) {
    return line.endsWith("source: shared objects file");
  }
}
