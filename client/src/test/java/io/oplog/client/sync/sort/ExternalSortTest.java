package io.oplog.client.sync.sort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalSortTest {
  private static final Comparator<Entry> ORDER =
      Comparator.<Entry, byte[]>comparing(ExternalSortTest::key, Arrays::compareUnsigned)
          .thenComparingLong(Entry::order);

  @TempDir Path folder;

  private static byte[] key(Entry entry) {
    Operation operation = entry.operation();
    return (operation.type() + '\0' + operation.id()).getBytes(StandardCharsets.UTF_8);
  }

  private static Entry entry(String type, String id, long order, String... parents) {
    return new Entry(
        new Operation(OperationKind.UPDATE, type, id, List.of(parents), order * 7), order);
  }

  private List<Entry> sorted(SortMemory memory, List<Entry> entries) throws IOException {
    List<Entry> sorted = new ArrayList<>();
    try (Scratch scratch = Scratch.in(folder)) {
      ExternalSort sort = new ExternalSort(scratch, memory);
      for (Entry entry : entries) {
        sort.add(entry);
      }
      sort.complete();
      try (RunMerge merge = sort.sorted()) {
        for (EntryBytes next = merge.next(); next != null; next = merge.next()) {
          sorted.add(next.decode());
        }
      }
    }
    return sorted;
  }

  private static List<Entry> random(int count, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, count)
        .mapToObj(n ->
            entry(
                "type" + random.nextInt(3),
                "é\ud83d\ude00\uffff".substring(random.nextInt(2) * 3) + random.nextInt(500),
                n,
                "p" + n % 7))
        .toList();
  }

  @Test
  void anyNumberOfRunsBecomesOneOrder() throws IOException {
    for (int runBytes : new int[] {100, 1000, 20_000, 1 << 20}) {
      List<Entry> entries = random(3000, runBytes);
      assertThat(sorted(new SortMemory(runBytes, 3, 64), entries))
          .as("runs of %d bytes", runBytes)
          .containsExactlyElementsOf(entries.stream().sorted(ORDER).toList());
    }
  }

  @Test
  void equalKeysStandInTheirOrder() throws IOException {
    List<Entry> entries =
        IntStream.range(0, 200).mapToObj(n -> entry("video", "a", 199 - n)).toList();
    assertThat(sorted(new SortMemory(300, 2, 64), entries))
        .extracting(Entry::order)
        .isSorted()
        .hasSize(200);
  }

  @Test
  void aTypeThatBeginsAnotherComesFirst() throws IOException {
    List<Entry> entries =
        List.of(entry("videos", "a", 1), entry("video", "z", 2), entry("video", "b", 3));
    assertThat(sorted(SortMemory.DEFAULT, entries))
        .extracting(Entry::order)
        .containsExactly(3L, 2L, 1L);
  }

  @Test
  void anEntryLongerThanARunIsOneOfItsOwn() throws IOException {
    List<Entry> entries =
        List.of(
            entry("b", "x".repeat(100_000), 1),
            entry("c", "y", 2),
            entry("a", "z", 3, "p".repeat(50_000)));
    assertThat(sorted(new SortMemory(200, 2, 64), entries))
        .containsExactly(entries.get(2), entries.get(0), entries.get(1));
  }

  @Test
  void nothingIsNothing() throws IOException {
    assertThat(sorted(SortMemory.DEFAULT, List.of())).isEmpty();
  }

  @Test
  void whatWasForgottenDoesNotComeBack() throws IOException {
    try (Scratch scratch = Scratch.in(folder)) {
      ExternalSort sort = new ExternalSort(scratch, new SortMemory(300, 2, 64));
      for (Entry entry : random(500, 1)) {
        sort.add(entry);
      }
      sort.clear();
      sort.add(entry("video", "a", 1));
      sort.complete();
      try (RunMerge merge = sort.sorted()) {
        assertThat(merge.next()).isNotNull();
        assertThat(merge.next()).isNull();
      }
    }
  }

  /** A merge needs the room of what it merges once more. */
  @Test
  void runsAreNotMergedWithoutRoomForThem() throws IOException {
    AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    try (Scratch scratch = Scratch.in(folder, f -> free.get())) {
      ExternalSort sort = new ExternalSort(scratch, new SortMemory(10_000, 2, 64));
      for (Entry entry : random(1000, 3)) {
        sort.add(entry);
      }
      free.set((64 << 20) + 11_000);
      assertThatExceptionOfType(DiskException.class)
          .isThrownBy(sort::complete)
          .withMessageContaining("no room for temporary files in " + folder);
    }
  }

  @Test
  void entriesAreNotKeptWithoutRoomForThem() throws IOException {
    AtomicLong free = new AtomicLong(Long.MAX_VALUE);
    Entry large = entry("a", "x".repeat(1 << 20), 1);
    try (Scratch scratch = Scratch.in(folder, f -> free.get());
        EntryFile.Writer out = new EntryFile(scratch).write()) {
      out.add(large);
      free.set(64 << 20);
      assertThatExceptionOfType(DiskException.class)
          .isThrownBy(() -> {
            for (int i = 0; i < 16; i++) {
              out.add(large);
            }
          })
          .withMessageContaining("no room for temporary files in " + folder);
    }
  }

  @Test
  void temporaryFilesAreRemoved() throws IOException {
    sorted(new SortMemory(300, 2, 64), random(500, 2));
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }
}
