package io.oplog.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link Store} keeps to whose data lies in a directory. */
public abstract class DirectoryStoreContract extends DurableStoreContract {
  @Test
  void twoStoresOnOneDirectoryAreRefused() throws StoreException {
    open();
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.Locked.class)
        .hasMessageContaining(directory.toString());
  }

  private Path copy() {
    return directory.resolveSibling("copy-" + directory.getFileName());
  }

  @Override
  protected void keepCopy() throws IOException {
    copy(directory, copy());
  }

  @Override
  protected void putCopyBack() throws IOException {
    wipe(directory);
    copy(copy(), directory);
    wipe(copy());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void wipe(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
