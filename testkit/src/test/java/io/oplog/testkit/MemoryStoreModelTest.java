package io.oplog.testkit;

import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Retention;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.model.ModelRun;
import io.oplog.testkit.model.ModelSeeds;
import io.oplog.testkit.model.Tally;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemoryStoreModelTest {
  @Test
  void consumersThatAreCutAnywhereHoldWhatTheModelHolds() throws StoreException, IOException {
    Tally tally = new Tally();
    for (long seed : ModelSeeds.seeds(20)) {
      try (ModelRun run = new ModelRun(seed, tally, MemoryStoreModelTest::open)) {
        run.steps(400);
      } catch (AssertionError | StoreException | RuntimeException e) {
        throw new AssertionError(ModelSeeds.again("testkit", "MemoryStoreModelTest", seed), e);
      }
    }
    System.out.println(tally);
  }

  private static ModelRun.Subject open(ManualClock clock, Retention retention) {
    return new Subject(new MemoryStore(clock, retention));
  }

  private record Subject(MemoryStore memory) implements ModelRun.Subject {
    @Override
    public Store store() {
      return memory;
    }

    @Override
    public void limitFold(long sequence) {}

    @Override
    public boolean outlivesRestarts() {
      return false;
    }

    @Override
    public void restart(boolean cleanly) {}

    @Override
    public void backUp() {}

    @Override
    public void restore() {}

    @Override
    public void close() {
      memory.close();
    }
  }
}
