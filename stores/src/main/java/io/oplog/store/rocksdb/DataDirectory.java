package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The directory of a store: one that is made here, is empty, or is known to be a store's. */
final class DataDirectory {
  /** What a store puts there; a start that was killed may have left only some of them. */
  private static final Set<String> OURS = Set.of("lock", "acknowledged", "log", "states", "native");

  /** What a file system of its own begins with. */
  private static final String RECOVERED = "lost+found";

  private DataDirectory() {}

  /**
   * @throws StoreException.Misplaced when it cannot be made, or is somebody else's
   */
  static void prepare(Path directory) throws StoreException {
    try {
      Files.createDirectories(directory);
      if (!Files.isWritable(directory)) {
        throw new AccessDeniedException(directory.toString());
      }
      refuseForeign(directory, names(directory));
    } catch (IOException e) {
      throw new StoreException.Misplaced(
          "the data directory " + directory + " cannot be used: " + reason(e), e);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(RECOVERED))
          .sorted()
          .toList();
    }
  }

  private static void refuseForeign(Path directory, List<String> names) throws StoreException {
    boolean known = names.contains("acknowledged");
    boolean begun = names.contains("lock") && OURS.containsAll(names);
    if (!names.isEmpty() && !known && !begun) {
      throw new StoreException.Misplaced(
          directory.toAbsolutePath()
              + " is not a data directory of oplog (it holds "
              + names.getFirst()
              + "): choose another, or an empty one",
          null);
    }
  }

  /** Why a file of it cannot be used, in words that fit after the directory's name. */
  static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _, NotDirectoryException _ -> "it is not a directory";
      case FileSystemException other when other.getReason() != null ->
          other.getReason().toLowerCase(Locale.ROOT);
      default -> String.valueOf(e.getMessage());
    };
  }
}
