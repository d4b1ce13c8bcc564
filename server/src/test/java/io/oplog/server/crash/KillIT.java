package io.oplog.server.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The built program is killed at any instant, also while it starts. Producers, datagrams and
 * consumers go on all the time. {@code -Doplog.kills=300} for more kills.
 */
class KillIT {
  private static final int KILLS = Integer.getInteger("oplog.kills", 30);
  private static final int READ_ALL_AFTER = 10;

  @TempDir Path data;

  @Test
  void nothingAcknowledgedIsLostAndNobodyGetsAnythingTwice() throws IOException {
    SplittableRandom random = new SplittableRandom(Seeds.of(KillIT.class));
    try (Trial trial = Trial.begin(ServerProgram.on(data), random.nextLong())) {
      for (int kill = 1; kill <= KILLS; kill++) {
        Worker.pause(Duration.ofMillis(random.nextInt(900)));
        trial.kill();
        if (random.nextInt(4) == 0) {
          killWhileStarting(trial, random);
        }
        trial.start().awaitReady();
        check(trial, kill);
      }
      trial.finish();
      System.out.printf("%d kills: %s%n", KILLS, trial.ledger().summary());
    }
  }

  private static void killWhileStarting(Trial trial, SplittableRandom random) throws IOException {
    trial.start();
    Worker.pause(Duration.ofMillis(random.nextInt(1000)));
    trial.kill();
  }

  private static void check(Trial trial, int kill) throws IOException {
    try {
      if (kill % READ_ALL_AFTER == 0) {
        trial.checkAll();
      } else {
        trial.check();
      }
    } catch (IOException | AssertionError e) {
      throw new AssertionError(
          "after kill %d: %s%n%s".formatted(kill, e.getMessage(), trial.server().output()), e);
    }
  }
}
