package io.oplog.store.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Copies data directories, and does to their files what disks do. */
final class StoreFiles {
  private StoreFiles() {}

  /**
   * Copies a directory. Of a store that is open and at rest, the copy is what a kill leaves behind.
   */
  static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return to;
  }

  /** Copies the files of a store that is open, none of which changes its name meanwhile. */
  static Path copyAtRest(Path from, Path to) throws IOException {
    while (!tryCopy(from, to)) {
      if (Files.exists(to)) {
        wipe(to);
      }
    }
    return to;
  }

  /** False when a flush or a compaction changed the files meanwhile. */
  private static boolean tryCopy(Path from, Path to) throws IOException {
    try {
      List<Path> before = in(from);
      copy(from, to);
      return in(from).equals(before);
    } catch (NoSuchFileException | UncheckedIOException _) {
      return false;
    }
  }

  static void wipe(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** The files of a directory, relative to it. */
  static List<Path> in(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).map(directory::relativize).sorted().toList();
    }
  }

  static void flip(Path file, int offset, int bits) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[offset] ^= (byte) bits;
    Files.write(file, bytes);
  }
}
