package io.oplog.store.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.core.store.StoreException;
import io.oplog.testkit.model.ModelRun;
import io.oplog.testkit.model.ModelSeeds;
import io.oplog.testkit.model.Tally;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The model test on a database. Each of its writes is durable, so that it is slow: two new seeds
 * and few steps, unless more are asked for.
 */
class MongoStoreModelTest {
  private static final int SEEDS = Integer.getInteger("oplog.modelSeeds", 0);
  private static final int STEPS = Integer.getInteger("oplog.modelSteps", 40);

  /** Fewer need not reach everything. */
  private static final int ENOUGH_SEEDS = 10;

  private static final List<String> MUST_BE_REACHED =
      List.of(
          "row: from now",
          "row: 0",
          "row: milliseconds",
          "row: id in the log",
          "row: id in the log with later seconds",
          "row: id that left the log",
          "reset: requested",
          "reset: incarnation",
          "reset: lost-history",
          "reset: deletes-dropped",
          "place overwritten while reading",
          "fold paused",
          "states behind what was seen of them",
          "clock: back",
          "clock: jumped",
          "restart",
          "kill",
          "restore",
          "log compared",
          "states compared",
          "consumer is whole");

  @Test
  void consumersThatAreCutAnywhereHoldWhatTheModelHolds() throws StoreException, IOException {
    run(1);
  }

  /** Appends are spread over the agents, and consumers come back to any of them. */
  @Test
  void consumersOfSeveralAgentsHoldWhatTheModelHolds() throws StoreException, IOException {
    run(3);
  }

  private static void run(int agents) throws StoreException, IOException {
    Tally tally = new Tally();
    for (long seed : ModelSeeds.seeds(SEEDS)) {
      try (ModelRun run = new ModelRun(seed, tally, opening(agents, seed))) {
        run.steps(STEPS);
      } catch (AssertionError | StoreException | RuntimeException e) {
        throw new AssertionError(
            ModelSeeds.again("stores", "MongoStoreModelTest", seed)
                + " -Doplog.modelSteps="
                + STEPS,
            e);
      }
    }
    System.out.println(agents + " on one log: " + tally);
    if (SEEDS >= ENOUGH_SEEDS && !ModelSeeds.isOneAskedFor()) {
      assertThat(MUST_BE_REACHED).allSatisfy(what -> assertThat(tally.of(what)).isPositive());
    }
  }

  private static ModelRun.Opening opening(int agents, long seed) {
    return (clock, retention) -> new ModelAgents(agents, seed, clock, retention);
  }
}
