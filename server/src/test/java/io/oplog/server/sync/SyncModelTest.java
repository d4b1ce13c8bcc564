package io.oplog.server.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.client.sync.DeleteLimit;
import io.oplog.client.sync.Difference;
import io.oplog.client.sync.Sync;
import io.oplog.client.sync.SyncOptions;
import io.oplog.client.sync.SyncProgress;
import io.oplog.client.sync.TryAgainException;
import io.oplog.client.sync.sort.Scratch;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Operation;
import io.oplog.server.sync.World.Dump;
import io.oplog.testkit.model.ModelSeeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A source, a log and a producer that drops, delays and repeats operations, with syncs from fresh
 * and old dumps that are killed anywhere, overtake each other, do not hear their answers, and are
 * refused what passes a limit.
 */
class SyncModelTest {
  private static final int SEEDS = 3000;
  private static final String GAP =
      "the log no longer holds what came just before a batch of 1 operations: a change of that"
          + " moment may be hidden by it until the next sync";

  @TempDir Path folder;
  private final Set<String> seen = new TreeSet<>();

  /** The run is killed. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  @Test
  void whateverHappensNothingRightIsUndoneAndEverythingMends() throws Exception {
    for (long seed : ModelSeeds.seeds(SEEDS)) {
      try {
        new Run(new Random(seed * 0x9e3779b97f4a7c15L)).toTheEnd();
      } catch (AssertionError | Exception e) {
        throw new AssertionError(ModelSeeds.again("server", "SyncModelTest", seed), e);
      }
      if (seed % 500 == 0) {
        assertScratchIsEmpty();
      }
    }
    if (!ModelSeeds.isOneAskedFor()) {
      assertThat(seen)
          .contains(
              "mended",
              "killed",
              "left out",
              "overtaken",
              "sent again",
              "recovered",
              "mended without a dump",
              "recovery cut");
    }
  }

  private void assertScratchIsEmpty() throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  /** One world. */
  private final class Run {
    private final Random random;
    private final World world;
    private final int haste;
    private boolean unfinished;
    private int fuse = Integer.MAX_VALUE;
    private boolean isNested;
    private boolean hasGap;
    private boolean hasLimits;

    Run(Random random) {
      this.random = random;
      this.world = new World(random);
      this.haste = 1 + random.nextInt(6);
      this.hasLimits = random.nextInt(4) == 0;
    }

    void toTheEnd() throws Exception {
      if (random.nextInt(4) == 0) {
        world.isDeaf(); // so the log is empty
      }
      steps(random.nextInt(30));
      for (int i = random.nextInt(5); i > 0; i--) {
        Dump dump = world.dump(random.nextBoolean());
        steps(random.nextInt(10));
        if (!unfinished && random.nextInt(4) == 0) {
          world.forget();
        }
        if (unfinished && random.nextBoolean()) {
          recoverBesideProducers(dump);
        } else {
          world.listens();
          syncBesideProducers(dump);
        }
        steps(random.nextInt(5));
      }
      hasLimits = false;
      world.comeToRest();
      Dump last = world.dump(true);
      assertThat(sync(last, () -> {})).as("ends").isTrue();
      world.assertLogIsSource();
      assertThat(compare(last).size()).as("operations of a second sync").isZero();
    }

    private void steps(int count) {
      for (int i = 0; i < count; i++) {
        world.step();
      }
    }

    private void syncBesideProducers(Dump dump) throws Exception {
      fuse = random.nextInt(3) == 0 ? random.nextInt(40) : Integer.MAX_VALUE;
      unfinished = !sync(dump, () -> between(dump));
      if (!unfinished) {
        seen.add("mended");
        assertNothingRightWasUndone();
      }
    }

    /** What a killed run left is mended without another dump. */
    private void recoverBesideProducers(Dump dump) throws Exception {
      fuse = random.nextInt(3) == 0 ? random.nextInt(20) : Integer.MAX_VALUE;
      try (Scratch scratch = Scratch.in(folder)) {
        sync(dump, () -> between(dump), scratch).recover();
        unfinished = false;
        seen.add("mended without a dump");
        assertNothingRightWasUndone();
      } catch (Killed | TryAgainException e) {
        seen.add("recovery cut");
      }
    }

    /** After the first operation of an empty log nobody can tell what it hid, which is said. */
    private void assertNothingRightWasUndone() throws StoreException {
      if (hasGap) {
        hasGap = false;
        seen.add("gap");
      } else {
        world.assertNothingRightWasUndone();
      }
    }

    private void between(Dump dump) {
      if (random.nextInt(haste) == 0) {
        steps(1 + random.nextInt(3));
      }
      if (!isNested && random.nextInt(60) == 0) {
        overtake(dump);
      }
      if (--fuse < 0) {
        throw new Killed();
      }
    }

    private void overtake(Dump dump) {
      isNested = true;
      try {
        assertThat(sync(dump, () -> {})).isTrue();
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        isNested = false;
      }
    }

    /** Whether it came to its end. */
    private boolean sync(Dump dump, Runnable between) throws IOException, InterruptedException {
      try (Scratch scratch = Scratch.in(folder)) {
        Sync sync = sync(dump, between, scratch);
        sync.recover();
        Difference difference = sync.compare(new ByteArrayInputStream(dump.bytes()));
        if (sync.send(difference).repeated() > 0) {
          seen.add("sent again");
        }
        return true;
      } catch (Killed e) {
        seen.add("killed");
        return false;
      } catch (TryAgainException e) {
        seen.add("overtaken");
        return false;
      }
    }

    private Difference compare(Dump dump) throws IOException, InterruptedException {
      try (Scratch scratch = Scratch.in(folder)) {
        return sync(dump, () -> {}, scratch).compare(new ByteArrayInputStream(dump.bytes()));
      }
    }

    private Sync sync(Dump dump, Runnable between, Scratch scratch) {
      SyncOptions options =
          new SyncOptions(
              Set.of(),
              OptionalLong.of(dump.begun()),
              DeleteLimit.parse("100%"),
              true,
              1 + random.nextInt(4));
      StoreLog log = new StoreLog(world.store(), random, between, this::isRefused);
      return new Sync(log, options, new Notes(), scratch);
    }

    /** An update that names the parents of both sides may pass a limit that each of them keeps. */
    private boolean isRefused(Operation operation) {
      return hasLimits && (operation.id().equals("4") || operation.parents().size() > 2);
    }

    /** Hears what a run has to say. */
    private final class Notes implements SyncProgress {
      @Override
      public void note(String text) {
        if (text.startsWith("an earlier run")) {
          seen.add("recovered");
        } else if (text.endsWith(" is left out: too long")) {
          seen.add("left out");
        } else {
          assertThat(text).isEqualTo(GAP);
          hasGap = true;
        }
      }
    }
  }
}
