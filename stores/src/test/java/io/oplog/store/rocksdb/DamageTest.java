package io.oplog.store.rocksdb;

import static io.oplog.testkit.Operations.moving;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.core.store.StoreException;
import io.oplog.protocol.Operation;
import io.oplog.testkit.Operations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One byte is wrong in one file: everything is there all the same, or the store says so. */
class DamageTest {
  private static final long SEED = Long.getLong("oplog.seed", System.nanoTime());
  private static final RocksOptions OPTIONS = RocksOptions.defaults().withDurability(Durability.OS);

  @TempDir static Path temporary;

  /** As a clean stop left it, and as a kill left it; both hold {@link #contents}. */
  private static Path stopped = Path.of("");

  private static Path killed = Path.of("");
  private static Contents contents =
      new Contents(0, List.of(), List.of(), java.util.Optional.empty());

  private final Random random = new Random(SEED);

  @BeforeAll
  static void makeStores() throws StoreException, IOException {
    Path directory = temporary.resolve("store");
    RocksStore store = RocksStore.open(directory, OPTIONS);
    append(store, 0, 1500);
    store.close();
    store = RocksStore.open(directory, OPTIONS);
    append(store, 1500, 600);
    store.append(List.of(moving(Contents.SOURCE, null, "p1", Operations.insert("video", "last"))));
    contents = Contents.of(store);
    killed = StoreFiles.copyAtRest(directory, temporary.resolve("killed"));
    store.close();
    stopped = StoreFiles.copy(directory, temporary.resolve("stopped"));
  }

  private static void append(RocksStore store, int from, int count) throws StoreException {
    for (int i = from; i < from + count; i += 30) {
      List<Operation> operations = new ArrayList<>();
      for (int k = i; k < i + 30; k++) {
        operations.add(Operations.update("video", "x" + k % 900, "user/" + k));
      }
      store.append(List.of(submission(operations.toArray(Operation[]::new))));
    }
  }

  @Test
  void bothCopiesAreWhole() throws StoreException, IOException {
    for (Path image : List.of(stopped, killed)) {
      Path copy = StoreFiles.copy(image, temporary.resolve("whole"));
      try (RocksStore store = RocksStore.open(copy, OPTIONS)) {
        assertThat(Contents.of(store)).isEqualTo(contents);
      }
      StoreFiles.wipe(copy);
    }
  }

  @Test
  void aFlippedByteAfterACleanStopLosesNothingSilently() throws StoreException, IOException {
    flipEverywhere(stopped);
  }

  @Test
  void aFlippedByteAfterAKillLosesNothingSilently() throws StoreException, IOException {
    flipEverywhere(killed);
  }

  private void flipEverywhere(Path image) throws StoreException, IOException {
    Map<String, Integer> outcomes = new TreeMap<>();
    for (Path file : StoreFiles.in(image)) {
      for (int offset : offsets(file, (int) Files.size(image.resolve(file)))) {
        String outcome = kind(file) + ": " + outcome(image, file, offset);
        outcomes.merge(outcome, 1, Integer::sum);
      }
    }
    System.out.println(image.getFileName() + " " + outcomes + ", seed " + SEED);
  }

  private static String kind(Path file) {
    String name = file.toString();
    return name.replaceAll("[0-9]+", "N");
  }

  /**
   * Several places: both ends, the middle, the tail where the newest records lie, and random ones.
   */
  private Iterable<Integer> offsets(Path file, int size) {
    TreeSet<Integer> offsets = new TreeSet<>();
    if (size == 0 || file.toString().contains("LOG")) {
      return offsets;
    }
    boolean log = file.toString().endsWith(".log");
    offsets.add(0);
    offsets.add(size - 1);
    for (int i = 0; i < (log ? 12 : 2); i++) {
      offsets.add(random.nextInt(size));
      if (log) {
        offsets.add(Math.max(0, size - 1 - random.nextInt(6000)));
      }
    }
    return offsets;
  }

  private String outcome(Path image, Path file, int offset) throws IOException, StoreException {
    Path copy = StoreFiles.copy(image, temporary.resolve("damaged"));
    try {
      StoreFiles.flip(copy.resolve(file), offset, 1 << random.nextInt(8));
      return read(copy, file + " at " + offset);
    } finally {
      StoreFiles.wipe(copy);
    }
  }

  private String read(Path copy, String place) throws StoreException {
    try (RocksStore store = RocksStore.open(copy, OPTIONS)) {
      assertThat(Contents.of(store))
          .as("%s; again: mvn verify -pl stores -am -Doplog.seed=%d", place, SEED)
          .isEqualTo(contents);
      return "all data";
    } catch (StoreException.Damaged e) {
      assertThat(e).hasMessageContaining("backup");
      return "refused";
    }
  }

  /** RocksDB's reader would go round for ever at such a record. */
  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8, 11, 131})
  void aRecordOfARecycledFileIsDamage(int type) throws StoreException, IOException {
    for (Path image : List.of(stopped, killed)) {
      for (Path file : StoreFiles.in(image)) {
        List<Integer> types = typesOfRecords(Files.readAllBytes(image.resolve(file)), file);
        for (int i = 0; i < types.size(); i += Math.max(1, types.size() / 4)) {
          Path copy = StoreFiles.copy(image, temporary.resolve("recycled"));
          int is = Files.readAllBytes(copy.resolve(file))[types.get(i)];
          StoreFiles.flip(copy.resolve(file), types.get(i), is ^ type);
          assertThat(read(copy, file + " at " + types.get(i))).isEqualTo("refused");
          StoreFiles.wipe(copy);
        }
      }
    }
  }

  /** Where the types of the records of a log or a manifest are. */
  private static List<Integer> typesOfRecords(byte[] bytes, Path file) {
    List<Integer> types = new ArrayList<>();
    boolean holdsRecords = file.toString().endsWith(".log") || file.toString().contains("MANIFEST");
    int at = 0;
    while (holdsRecords && at + 7 <= bytes.length) {
      int left = 32 * 1024 - at % (32 * 1024);
      if (left < 7) {
        at += left;
      } else {
        types.add(at + 6);
        at += 7 + (bytes[at + 4] & 0xff) + ((bytes[at + 5] & 0xff) << 8);
      }
    }
    return types;
  }

  @Test
  void damageThatAReadHasMetIsToldFromThenOn() throws StoreException, IOException {
    int met = 0;
    for (Path file : StoreFiles.in(stopped)) {
      boolean many = Files.size(stopped.resolve(file)) > 10_000; // not all read when it is opened
      if (file.startsWith("states") && file.toString().endsWith(".sst") && many) {
        Path copy = StoreFiles.copy(stopped, temporary.resolve("read"));
        StoreFiles.flip(copy.resolve(file), (int) Files.size(copy.resolve(file)) / 3, 1);
        met += meetsDamage(copy) ? 1 : 0;
        StoreFiles.wipe(copy);
      }
    }
    assertThat(met).isPositive();
  }

  /** Whether the states could not be read; then the store says so, and takes operations still. */
  private static boolean meetsDamage(Path copy) throws StoreException {
    RocksStore store = RocksStore.open(copy, OPTIONS);
    try {
      store.check();
      return readMeetsDamage(store);
    } finally {
      closeDamaged(store);
    }
  }

  private static boolean readMeetsDamage(RocksStore store) throws StoreException {
    try {
      assertThat(Contents.states(store)).isEqualTo(contents.states());
      return false;
    } catch (StoreException.Damaged e) {
      assertThatThrownBy(store::check)
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessage(e.getMessage());
      store.append(List.of(submission(Operations.insert("video", "more"))));
      return true;
    }
  }

  /** A compaction may have met the damage meanwhile, and then nothing is flushed any more. */
  private static void closeDamaged(RocksStore store) throws StoreException {
    try {
      store.close();
    } catch (StoreException.Damaged e) {
      assertThat(e).hasMessageContaining("backup");
    }
  }

  @Test
  void aMissingFileIsDamage() throws IOException {
    for (Path file : StoreFiles.in(stopped)) {
      String name = file.toString();
      if (name.endsWith(".sst") || name.endsWith("CURRENT") || name.contains("MANIFEST")) {
        Path copy = StoreFiles.copy(stopped, temporary.resolve("lacking"));
        Files.delete(copy.resolve(file));
        if (name.startsWith("log")) {
          assertThatThrownBy(() -> RocksStore.open(copy, OPTIONS).close())
              .as(name)
              .isInstanceOf(StoreException.Damaged.class);
        }
        StoreFiles.wipe(copy);
      }
    }
  }
}
