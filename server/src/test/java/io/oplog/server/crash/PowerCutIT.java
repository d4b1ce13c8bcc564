package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The built program runs on a disk that loses at the kill whatever was not synced, as a power cut
 * does; see {@code src/test/c/power_cut.c}. {@code -Doplog.powerCuts=50} for more.
 */
class PowerCutIT {
  private static final int POWER_CUTS = Integer.getInteger("oplog.powerCuts", 4);

  private static final int FAILED_STARTS = 4;
  private static final int SYNCS_OF_A_START = 10;

  /** The exit code for a disk that fails. */
  private static final int STORE_FAILED = 74;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path work;

  private PowerCutDisk disk;
  private ServerProgram program;
  private SplittableRandom random;

  @BeforeEach
  void prepare() throws IOException, InterruptedException {
    Path data = Files.createDirectory(work.resolve("data"));
    disk = PowerCutDisk.compile(work, data);
    program = ServerProgram.on(data).with(disk.environment());
    random = new SplittableRandom(Seeds.of(PowerCutIT.class));
  }

  @Test
  void whatWasAcknowledgedSurvives() throws IOException {
    survive(program.with("--durability", "disk"), POWER_CUTS);
    assertThat(disk.counts().syncs()).isGreaterThan(POWER_CUTS);
    assertThat(disk.counts().syncedBytes()).isLessThan(disk.counts().writtenBytes());
  }

  @Test
  void unsyncedWritesThatReachedTheDiskOutOfOrderDoNoHarm() throws IOException {
    survive(program.with(PowerCutDisk.eager(300, random.nextInt(1 << 30))), POWER_CUTS);
  }

  @Test
  void withoutSyncingTheLossIsNoticed() throws IOException {
    ServerProgram careless = program.with("--durability", "os");
    try (Trial trial = Trial.begin(program, random.nextLong())) {
      trial.checkAll();
      trial.kill();
      trial.start(careless).awaitReady();
      awaitMoreAcknowledged(trial, 500);
      trial.kill();
      trial.start(careless).awaitReady();
      assertThatThrownBy(trial::check)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("acknowledged, but missing");
    }
  }

  private static void awaitMoreAcknowledged(Trial trial, long more) {
    long enough = trial.ledger().acknowledgedOperations() + more;
    await().atMost(PATIENCE).until(() -> trial.ledger().acknowledgedOperations() >= enough);
  }

  private void survive(ServerProgram program, int cuts) throws IOException {
    try (Trial trial = Trial.begin(program, random.nextLong())) {
      for (int cut = 0; cut < cuts; cut++) {
        Worker.pause(Duration.ofMillis(100 + random.nextInt(1200)));
        trial.kill();
        trial.start().awaitReady();
        trial.checkAll();
      }
      trial.finish();
      System.out.printf("%s, %s%n", trial.ledger().summary(), disk.counts());
    }
  }

  @Test
  void aSyncThatFailsWhileTheServerStartsLosesNothing() throws IOException, InterruptedException {
    try (Trial trial = Trial.begin(program, random.nextLong())) {
      trial.check();
      for (int i = 0; i < FAILED_STARTS; i++) {
        trial.kill();
        int sync = 1 + random.nextInt(SYNCS_OF_A_START);
        trial.start(program.with(PowerCutDisk.failingSync("", sync)));
        trial.server().awaitReadyOrExit(STORE_FAILED);
      }
      trial.kill();
      trial.start(program).awaitReady();
      trial.checkAll();
      trial.finish();
    }
  }

  @Test
  void aFailedSyncIsAnErrorToTheProducerAndNothingAcknowledgedIsLost() throws IOException {
    Map<String, String> failing = PowerCutDisk.failingSync(".log", 20 + random.nextInt(100));
    try (Trial trial = Trial.begin(program.with(failing), random.nextLong())) {
      await().atMost(PATIENCE).until(() -> disk.counts().failedSyncs() > 0);
      await().atMost(PATIENCE).until(() -> trial.ledger().answers(503) > 0);
      awaitMoreAcknowledged(trial, 1);
      trial.server().awaitReady();
      trial.check();
      trial.kill();
      trial.start(program).awaitReady();
      trial.checkAll();
      trial.finish();
    }
  }
}
