package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.oplog.server.crash.SmallDisk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code oplog sync} and {@code oplog dump} as they are shipped, on eleven years of a repository.
 */
@Timeout(300)
class SyncIT {
  @TempDir Path folder;

  private OplogProcess.Builder oplog(OplogProcess server, String command, Object... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(command, "--url", server.url()));
    Arrays.stream(arguments).map(Object::toString).forEach(all::add);
    return OplogProcess.command(folder, all.toArray(String[]::new));
  }

  private OplogProcess sync(OplogProcess server, Object... arguments) throws IOException {
    return oplog(server, "sync", arguments).run();
  }

  private void assertEndsWell(OplogProcess process) {
    assertThat(process.exitCode()).as(process.err()).isZero();
  }

  /** What exists at the end, one object a line. */
  private static List<String> tree() throws IOException {
    String path = "/fixtures/git-history.tree.ndjson.gz";
    InputStream packed = Objects.requireNonNull(SyncIT.class.getResourceAsStream(path), path);
    try (InputStream in = new GZIPInputStream(packed)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private Path file(List<String> lines) throws IOException {
    return Files.write(Files.createTempFile(folder, "dump", ".ndjson"), lines);
  }

  private Map<String, String> replica(OplogProcess server) throws IOException {
    OplogProcess tail = oplog(server, "tail", "--json", "--from", "0", "--exit-at-live").run();
    assertEndsWell(tail);
    return GitHistory.replica(tail.out());
  }

  @Test
  void anEmptyLogAndOneThatLostOperationsBothBecomeTheTree() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      Path dump = file(tree());
      assertEndsWell(sync(server, dump));
      assertThat(replica(server)).isEqualTo(GitHistory.tree());
    }
    List<String> some = someLost(GitHistory.lines(), Set.copyOf(types(tree())));
    try (OplogProcess server = OplogProcess.serve(folder, "--data", folder + "/other")) {
      assertEndsWell(oplog(server, "publish", file(some)).run());
      assertThat(replica(server)).isNotEqualTo(GitHistory.tree());
      assertEndsWell(sync(server, "--max-deletes", "100%", file(tree())));
      assertThat(replica(server)).isEqualTo(GitHistory.tree());
      OplogProcess again = sync(server, "--json", file(tree()));
      assertThat(again.out())
          .contains("\"total\":{\"inserted\":0,\"updated\":0,\"deleted\":0,\"left_alone\":0,");
    }
  }

  private static List<String> types(List<String> lines) {
    return lines.stream().map(SyncIT::type).distinct().toList();
  }

  private static String type(String line) {
    return line.replaceFirst(".*\"type\":\"([^\"]*)\".*", "$1");
  }

  /**
   * A tenth of the operations is lost, but for the last ones, of the dump's own age, of which it
   * knows nothing; what is no newer than what was said of its object before, since after a deletion
   * of the same second an object stays deleted; and what is of a type that the dump lacks.
   */
  private static List<String> someLost(List<String> lines, Set<String> types) {
    Random random = new Random(11);
    Map<String, String> newest = new HashMap<>();
    List<String> kept = new ArrayList<>();
    for (String line : lines) {
      String object = line.replaceFirst(".*(\"type\":\"[^\"]*\",\"id\":\"[^\"]*\").*", "$1");
      String time = line.replaceFirst(".*\"timestamp\":\"([^\"]*)\".*", "$1");
      boolean isNewer = time.compareTo(newest.getOrDefault(object, "")) > 0;
      if (!isNewer
          || !types.contains(type(line))
          || kept.size() > 50_000
          || random.nextInt(10) > 0) {
        kept.add(line);
      }
      newest.merge(object, time, (a, b) -> a.compareTo(b) > 0 ? a : b);
    }
    return kept;
  }

  @Test
  void aFolderWhoseServerDoesNotRunIsMendedAndDumpedAllTheSame() throws Exception {
    Path data = folder.resolve("kept");
    String dump = file(tree()).toString();
    try (OplogProcess server = OplogProcess.serve(folder, "--data", data.toString())) {
      OplogProcess inUse = offline("sync", data, dump);
      assertThat(inUse.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(server.stop()).isZero();
    }
    OplogProcess mended = offline("sync", data, dump);
    assertEndsWell(mended);
    assertThat(mended.out()).contains("4,483");
    OplogProcess dumped = offline("dump", data);
    assertEndsWell(dumped);
    assertThat(dumped.out().lines()).hasSize(GitHistory.OBJECTS);
    OplogProcess nowhere = offline("dump", folder.resolve("misspelt"));
    assertThat(nowhere.exitCode()).isEqualTo(ExitCode.NO_INPUT);
    assertThat(nowhere.err()).contains("there is no data folder").contains("misspelt");
  }

  private OplogProcess offline(String command, Path data, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(command, "--offline", data.toString()));
    all.addAll(List.of(arguments));
    return OplogProcess.command(folder, all.toArray(String[]::new))
        .with(Map.of("OPLOG_PASSWORD", "of another server"))
        .run();
  }

  @Test
  void aDryRunPrintsWhatPublishCouldSendAndSendsNothing() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      OplogProcess dry = sync(server, "--dry-run", file(tree()));
      assertEndsWell(dry);
      assertThat(dry.out().lines()).hasSize(GitHistory.OBJECTS);
      assertThat(dry.err()).contains("to insert").contains("4,483");
      assertThat(replica(server)).isEmpty();
      assertEndsWell(oplog(server, "publish", file(dry.out().lines().toList())).run());
      assertThat(replica(server)).isEqualTo(GitHistory.tree());
    }
  }

  @Test
  void tooManyDeletionsAreRefusedAndOtherTypesLeftAlone() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      assertEndsWell(sync(server, file(tree())));
      List<String> java =
          new ArrayList<>(tree().stream().filter(l -> l.contains("\"type\":\"java\"")).toList());
      int before = java.size();
      java.subList(0, 100).clear();
      OplogProcess refused = sync(server, file(java));
      assertThat(refused.exitCode()).isEqualTo(ExitCode.LIMIT);
      assertThat(refused.err())
          .contains(
              " of 2,991 objects would be deleted, more than the limit of 1%; nothing was sent");
      assertThat(replica(server)).hasSize(GitHistory.OBJECTS);
      assertEndsWell(sync(server, "--max-deletes", "100", file(java)));
      assertThat(before).isEqualTo(2991);
      assertThat(replica(server)).hasSize(GitHistory.OBJECTS - 100);
      assertEndsWell(sync(server, "--types", "java,md", "--max-deletes", "43", file(java)));
      assertThat(replica(server)).hasSize(GitHistory.OBJECTS - 143);
    }
  }

  @Test
  void aDumpThatCannotBeUsedIsNamedAndNothingSent() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder)) {
      List<String> lines = tree();
      assertRefused(
          server, with(lines, 7, "{\"id\":"), "line 8: the operation does not end on its line");
      assertRefused(server, with(lines, 4000, lines.get(3)), "lines 4 and 4001 are of the same");
      assertRefused(server, List.of(), "the dump is empty");
      Path packed = folder.resolve("cut.gz");
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
        out.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
      }
      byte[] whole = Files.readAllBytes(packed);
      Files.write(packed, Arrays.copyOf(whole, whole.length / 2));
      assertRefused(sync(server, packed), "ends unexpectedly");
      assertThat(replica(server)).isEmpty();
      assertEndsWell(sync(server, "--allow-empty", file(List.of())));
    }
  }

  private static List<String> with(List<String> lines, int at, String line) {
    List<String> changed = new ArrayList<>(lines);
    changed.set(at, line);
    return changed;
  }

  private void assertRefused(OplogProcess server, List<String> lines, String reason)
      throws IOException {
    assertRefused(sync(server, file(lines)), reason);
  }

  private static void assertRefused(OplogProcess sync, String reason) {
    assertThat(sync.exitCode()).as(sync.err()).isEqualTo(ExitCode.DATA);
    assertThat(sync.err()).contains(reason).contains("nothing was sent");
  }

  @Test
  void aSmallHeapIsEnoughAndAFolderIsNoOutput() throws Exception {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 300_000; i++) {
      many.add("{\"timestamp\":\"2026-01-01T00:00:00Z\",\"type\":\"video\",\"id\":\"v" + i + "\"}");
    }
    try (OplogProcess server = OplogProcess.serve(folder)) {
      OplogProcess small =
          oplog(server, "sync", "--json", file(many))
              .with(Map.of("OPLOG_JAVA_OPTS", "-Xmx40m"))
              .run();
      assertEndsWell(small);
      assertThat(small.out()).contains("\"total\":{\"inserted\":300000,");
      OplogProcess dump = oplog(server, "dump", "--output", folder).run();
      assertThat(dump.exitCode()).isEqualTo(ExitCode.FAILURE);
      assertThat(dump.err()).contains("cannot write " + folder + ": is a folder");
    }
  }

  @Test
  void smallBodiesAndPasswordsAndAnAddressAreFine() throws Exception {
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body = Files.readAllBytes(file(tree()));
    web.createContext(
        "/dump",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    web.start();
    try (OplogProcess server =
        OplogProcess.serving(
                folder, "--max-body", "100KiB", "--password", "r", "--ingest-password", "w")
            .start()) {
      server.awaitListening();
      String address = "http://127.0.0.1:" + web.getAddress().getPort() + "/dump";
      OplogProcess sync =
          oplog(server, "sync", address)
              .with(Map.of("OPLOG_PASSWORD", "r", "OPLOG_INGEST_PASSWORD", "w"))
              .run();
      assertEndsWell(sync);
      assertThat(sync.out()).contains("4,483");
      assertThat(sync(server, address).exitCode()).isEqualTo(ExitCode.PASSWORD);
      OplogProcess none =
          oplog(server, "sync", address.replace("/dump", "/none").replace("//", "//u:secret@"))
              .run();
      assertThat(none.exitCode()).isEqualTo(ExitCode.NO_INPUT);
      assertThat(none.err()).contains("it answered 404").doesNotContain("secret");
    } finally {
      web.stop(0);
    }
  }

  @Test
  void aRunThatIsKilledSimplyGoesOnAndLeavesNoFilesWhenItIsStopped() throws Exception {
    Path tmp = Files.createDirectory(folder.resolve("tmp"));
    Path dump = file(tree());
    try (OplogProcess server = OplogProcess.serve(folder)) {
      for (int killed = 0; killed < 3; killed++) {
        try (OplogProcess sync =
            oplog(server, "sync", "--batch", "5", "--tmp", folder, dump).start()) {
          int most = 200 * (killed + 1);
          OplogProcess.await(() -> head(server) > most || !sync.isAlive());
          assertThat(sync.isAlive()).isTrue();
          sync.kill();
        }
      }
      try (OplogProcess sync = oplog(server, "sync", "--tmp", tmp, "-").start()) {
        OplogProcess.await(() -> tmp.toFile().list().length > 0 || !sync.isAlive());
        assertThat(sync.stop()).isEqualTo(143);
        assertThat(sync.err()).isEqualTo("oplog: stopped; nothing was sent\n");
        assertThat(tmp).isEmptyDirectory();
      }
      assertEndsWell(sync(server, "--tmp", tmp, dump));
      assertThat(tmp).isEmptyDirectory();
      assertThat(replica(server)).isEqualTo(GitHistory.tree());
    }
  }

  @Test
  void aRunThatIsStoppedSaysHowFarItIs() throws Exception {
    Path tmp = Files.createDirectory(folder.resolve("tmp"));
    try (OplogProcess server = OplogProcess.serve(folder)) {
      try (OplogProcess sync =
          oplog(server, "sync", "--batch", "2", "--tmp", tmp, file(tree())).start()) {
        OplogProcess.await(() -> head(server) > 10 || !sync.isAlive());
        assertThat(sync.stop()).isEqualTo(143);
        assertThat(sync.err().lines()) // a slow one has shown its progress before
            .last()
            .asString()
            .matches("oplog: stopped; [0-9,]+ of 4,483 operations were sent, run again to go on");
        assertThat(sync.out()).isEmpty();
      }
      Path output = folder.resolve("objects");
      server.freeze();
      try (OplogProcess dump = oplog(server, "dump", "--output", output, "--tmp", tmp).start()) {
        Path unfinished = folder.resolve("objects.tmp");
        OplogProcess.await(() -> Files.exists(unfinished) || !dump.isAlive());
        assertThat(dump.stop()).isEqualTo(143);
        assertThat(dump.err()).isEqualTo("oplog: stopped; " + output + " was not written\n");
        assertThat(unfinished).doesNotExist();
      }
      assertThat(tmp).isEmptyDirectory();
    }
  }

  @Test
  void aFullDiskIsNamedWithWhatHelps() throws Exception {
    try (OplogProcess server = OplogProcess.serve(folder);
        SmallDisk disk = SmallDisk.mount(Files.createDirectory(folder.resolve("disk")), 1)) {
      Path dump = file(tree());
      OplogProcess sync = sync(server, "--tmp", disk.directory(), dump);
      assertThat(sync.exitCode()).isEqualTo(ExitCode.STORE);
      assertThat(sync.err())
          .contains("no room for temporary files in " + disk.directory())
          .endsWith("; --tmp names another folder for them\n");
      assertEndsWell(sync(server, dump));
      disk.fillUpTo(0);
      Path output = disk.directory().resolve("objects");
      OplogProcess dumped = oplog(server, "dump", "--output", output).run();
      assertThat(dumped.exitCode()).isEqualTo(ExitCode.STORE);
      assertThat(dumped.err())
          .isEqualTo("oplog: cannot write " + output + ": No space left on device\n");
      assertThat(output).doesNotExist();
      assertThat(disk.directory().resolve("objects.tmp")).doesNotExist();
    }
  }

  @Test
  void besideAProducerAllRunsEndWellAndTheLastOneMendsEverything() throws Exception {
    Path dump = file(tree());
    Path operations = GitHistory.operations(folder);
    try (OplogProcess server = OplogProcess.serve(folder);
        OplogProcess producer = oplog(server, "publish", "--batch", "50", operations).start()) {
      do {
        assertEndsWell(sync(server, "--batch", "20", "--max-deletes", "100%", dump));
      } while (producer.isAlive());
      assertEndsWell(producer);
      assertEndsWell(sync(server, "--max-deletes", "100%", dump));
      assertThat(replica(server)).isEqualTo(GitHistory.tree());
    }
  }

  private static long head(OplogProcess server) {
    String status = CommandRun.of("status", "--json", "--url", server.url()).out();
    return Long.parseLong(status.replaceFirst("(?s).*\"events_ingested\":(\\d+).*", "$1"));
  }

  @Test
  void aDumpSeedsAnotherLogAndATailGoesOnFromIt() throws Exception {
    Path dump = folder.resolve("objects.ndjson.gz");
    Path position = folder.resolve("position");
    try (OplogProcess server = OplogProcess.serve(folder);
        OplogProcess other = OplogProcess.serve(folder, "--data", folder + "/other")) {
      assertEndsWell(oplog(server, "publish", GitHistory.operations(folder)).run());
      OplogProcess dumped = oplog(server, "dump", "--output", dump, "--state-file", position).run();
      assertEndsWell(dumped);
      assertThat(dumped.err()).contains("4,483 objects as of " + Files.readString(position));
      String more = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"new\"}";
      assertEndsWell(oplog(server, "publish", file(List.of(more))).run());
      OplogProcess tail =
          oplog(server, "tail", "--json", "--state-file", position, "--count", "1").run();
      assertThat(tail.out().lines().filter(line -> line.contains("\"type\"")))
          .singleElement()
          .asString()
          .contains("\"id\":\"new\"");

      assertEndsWell(sync(other, dump));
      assertThat(replica(other)).isEqualTo(GitHistory.tree());
      OplogProcess types = oplog(other, "dump", "--types", "MD").run();
      assertThat(types.out().lines()).hasSize(43).allMatch(l -> l.contains("\"type\":\"md\""));
      assertThat(types.out().lines().toList())
          .isEqualTo(types.out().lines().sorted(Comparator.comparing(SyncIT::id)).toList());
    }
  }

  private static String id(String line) {
    return line.replaceFirst(".*\"id\":\"(.*)\"}", "$1");
  }
}
