package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A directory whose files lose what was not synced when the process that wrote them is killed: the
 * preloaded library of {@code src/test/c/power_cut.c}, compiled where there is a C compiler.
 *
 * @param directory the directory
 * @param library the compiled library
 * @param report where the library counts
 */
record PowerCutDisk(Path directory, Path library, Path report) {

  /** What the library counted, over all processes since it was compiled. */
  record Counts(long syncs, long failedSyncs, long writtenBytes, long syncedBytes) {}

  /**
   * Compiles the library. Without a compiler the test is passed over, unless {@code CI=true}.
   *
   * @param work a directory for the library and its report, outside of {@code directory}
   */
  static PowerCutDisk compile(Path work, Path directory) throws IOException, InterruptedException {
    boolean mustBeThere = "true".equals(System.getenv("CI"));
    assumeTrue(mustBeThere || hasCompiler(), "there is no C compiler (cc) on the path");
    Path library = work.resolve("power_cut.so");
    Process compiler =
        new ProcessBuilder(
                "cc",
                "-O2",
                "-Wall",
                "-fPIC",
                "-shared",
                "-pthread",
                "-o",
                library.toString(),
                source().toString(),
                "-ldl")
            .redirectErrorStream(true)
            .start();
    byte[] said = compiler.getInputStream().readAllBytes();
    assertThat(compiler.waitFor())
        .as("the compiler: %s", new String(said, StandardCharsets.UTF_8))
        .isZero();
    return new PowerCutDisk(directory, library, work.resolve("report"));
  }

  private static Path source() {
    return Path.of(System.getProperty("oplog.root", "..")).resolve("server/src/test/c/power_cut.c");
  }

  private static boolean hasCompiler() {
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "cc")));
  }

  /** What a process needs to have its files there. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", library.toString(),
        "POWER_CUT_DIR", directory.toString(),
        "POWER_CUT_REPORT", report.toString());
  }

  /** Lets some unsynced writes come to the disk, as a kernel does, though not those before them. */
  static Map<String, String> eager(int ofThousand, long seed) {
    return Map.of("POWER_CUT_EAGER", "" + ofThousand, "POWER_CUT_SEED", "" + seed);
  }

  /**
   * Fails one sync.
   *
   * @param name the end of the paths of the files whose syncs are counted
   * @param number which one fails, counted from 1 over each process
   */
  static Map<String, String> failingSync(String name, int number) {
    return Map.of("POWER_CUT_FAIL_NAME", name, "POWER_CUT_FAIL_SYNC", "" + number);
  }

  Counts counts() throws IOException {
    ByteBuffer report =
        ByteBuffer.wrap(Files.readAllBytes(this.report)).order(ByteOrder.nativeOrder());
    return new Counts(report.getLong(), report.getLong(), report.getLong(), report.getLong());
  }
}
