package io.oplog.server.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three of the built program share one log in MongoDB. Each is killed, stopped, frozen, and cut off
 * from the database in several ways, at any instant; one is frozen for longer than every time-out.
 * {@code -Doplog.troubles=200} for more.
 *
 * <p>What the stand-in for MongoDB cannot show: elections, rollback, several nodes. The database
 * itself stays up here.
 */
class SharedKillIT {
  private static final int TROUBLES = Integer.getInteger("oplog.troubles", 15);
  private static final int LONG_EVERY = 60;
  private static final int FIRST_LONG = 12;
  private static final int FROZEN_EVERY = 15;
  private static final int FIRST_FROZEN = 3;
  private static final int CHECK_AFTER = 5;
  private static final int AGENTS = 3;
  private static final List<Trouble> SHORT =
      List.of(
          Trouble.KILLED,
          Trouble.KILLED,
          Trouble.STOPPED,
          Trouble.PAUSED,
          Trouble.PAUSED,
          Trouble.CUT,
          Trouble.CUT,
          Trouble.REFUSED,
          Trouble.STALLED,
          Trouble.BLACK_HOLE,
          Trouble.DEAF);

  @TempDir Path folder;

  @Test
  void allAgentsShowOneOrderAndNothingAcknowledgedIsLostOrRepeated() throws IOException {
    SplittableRandom random = new SplittableRandom(Seeds.of(SharedKillIT.class));
    try (SharedTrial trial = SharedTrial.begin(folder, AGENTS, random.nextLong())) {
      for (int i = 1; i <= TROUBLES; i++) {
        Worker.pause(Duration.ofMillis(random.nextInt(1500)));
        meet(trial, i, random);
      }
      attempt(trial, trial::finish, "at the end");
      System.out.printf("%s%n", trial.summary());
    }
  }

  private static void meet(SharedTrial trial, int i, SplittableRandom random) throws IOException {
    Trouble trouble = trouble(i, random);
    attempt(trial, () -> trial.meet(trouble), i + ", " + trouble);
    if (i % CHECK_AFTER == 0) {
      attempt(trial, trial::check, i + ", " + trouble);
    }
  }

  private static Trouble trouble(int i, SplittableRandom random) {
    if (i % LONG_EVERY == FIRST_LONG) {
      return Trouble.FROZEN_LONG;
    }
    return i % FROZEN_EVERY == FIRST_FROZEN
        ? Trouble.FROZEN
        : SHORT.get(random.nextInt(SHORT.size()));
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void attempt(SharedTrial trial, Step step, String when) throws IOException {
    try {
      step.run();
    } catch (IOException | AssertionError | RuntimeException e) {
      throw new AssertionError(
          "after trouble %s: %s%n%s".formatted(when, e.getMessage(), trial.output()), e);
    }
  }
}
