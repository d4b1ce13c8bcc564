package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCheckpointStoreTest {
  private static final String ID = "6920c0de0001000000000a2f";

  @TempDir Path folder;

  private FileCheckpointStore store() {
    return new FileCheckpointStore(folder.resolve("checkpoint"));
  }

  @Test
  void aFileThatIsNotThereHoldsNothing() throws Exception {
    assertThat(store().load()).isEmpty();
  }

  @Test
  void whatIsSavedIsThereForTheNextAndNothingElseIs() throws Exception {
    store().save("6920c0de0001000000000001");
    store().save(ID);
    assertThat(store().load()).contains(ID);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("checkpoint"));
    }
  }

  @Test
  void aFileThatHoldsSomethingElseIsNotTakenForTheBeginning() throws Exception {
    for (String text : new String[] {"", ID.toUpperCase(Locale.ROOT), ID + ID, "0"}) {
      Files.writeString(folder.resolve("checkpoint"), text);
      assertThatIOException()
          .isThrownBy(() -> store().load())
          .withMessageContaining("checkpoint holds no checkpoint");
    }
  }

  @Test
  void whatWasHalfWrittenWhenTheProcessEndedIsInNobodysWay() throws Exception {
    store().save(ID);
    Files.writeString(folder.resolve("checkpoint.tmp"), "6920c0");
    assertThat(store().load()).contains(ID);
    store().save("6920c0de0001000000000a30");
    assertThat(store().load()).contains("6920c0de0001000000000a30");
  }

  @Test
  void anInterruptedThreadSavesToo() throws Exception {
    Thread.currentThread().interrupt();
    store().save(ID);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(store().load()).contains(ID);
  }

  @Test
  void aFolderThatIsNotThereIsToldBeforeAnythingIsHandled() {
    CheckpointStore store = new FileCheckpointStore(folder.resolve("nowhere/checkpoint"));
    assertThatIOException()
        .isThrownBy(store::load)
        .withMessageContaining("no checkpoint can be written in " + folder.resolve("nowhere"));
  }

  /** A consumer that is being replaced may be in the middle of a save. */
  @Test
  void whoLoadsTouchesNothingThatAnotherWrites() throws Exception {
    Path beside = Files.writeString(folder.resolve("checkpoint.tmp"), "6920c0");
    assertThat(store().load()).isEmpty();
    assertThat(beside).hasContent("6920c0");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(beside);
    }
  }
}
