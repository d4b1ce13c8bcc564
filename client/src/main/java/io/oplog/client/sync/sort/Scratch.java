package io.oplog.client.sync.sort;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of temporary files, removed with all that is in it when it is closed or the process
 * ends. A process that is killed leaves it.
 */
public final class Scratch implements Closeable {
  /** What is left free for others. */
  private static final long RESERVE_BYTES = 64L << 20;

  private static final int BUFFER = 1 << 18;

  private final Path parent;
  private final Path folder;
  private final Thread hook = new Thread(this::removeQuietly, "scratch");
  private final Space space;
  private int files;

  private Scratch(Path parent, Path folder, Space space) {
    this.parent = parent;
    this.folder = folder;
    this.space = space;
  }

  /** Tells how many bytes fit a folder. */
  @FunctionalInterface
  interface Space {
    long free(Path folder) throws IOException;
  }

  /**
   * Makes a folder in another.
   *
   * @throws IOException when that cannot be written
   */
  public static Scratch in(Path parent) throws IOException {
    return in(parent, folder -> Files.getFileStore(folder).getUsableSpace());
  }

  static Scratch in(Path parent, Space space) throws IOException {
    Path folder;
    try {
      folder = Files.createTempDirectory(parent, "oplog-sort-");
    } catch (IOException e) {
      throw new DiskException(place(parent), true, e);
    }
    Scratch scratch = new Scratch(parent, folder, space);
    Runtime.getRuntime().addShutdownHook(scratch.hook);
    return scratch;
  }

  /** A name that is not in use. */
  Path newFile(String purpose) {
    return folder.resolve(purpose + "-" + ++files);
  }

  /** Opens a new file for writing; full disks are told in our words. */
  OutputStream write(Path file) throws IOException {
    try {
      OutputStream out = Files.newOutputStream(file);
      return new BufferedOutputStream(new NamedOutput(out, place(parent), true), BUFFER);
    } catch (IOException e) {
      throw new DiskException(place(parent), true, e);
    }
  }

  private static String place(Path parent) {
    return "temporary files to " + parent;
  }

  InputStream read(Path file) throws IOException {
    return Files.newInputStream(file);
  }

  /** Of all of some files. */
  long size(List<Path> files) throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  /**
   * Makes sure that so much fits, where the system tells.
   *
   * @throws DiskException when it does not
   */
  void requireRoom(long bytes) throws IOException {
    long free = space.free(folder);
    if (free < bytes + RESERVE_BYTES) {
      throw new DiskException(
          "no room for temporary files in "
              + parent
              + ": "
              + free / (1 << 20)
              + " MiB free, "
              + (bytes + RESERVE_BYTES) / (1 << 20)
              + " MiB needed at once");
    }
  }

  /** Removes everything. */
  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process ends, and the hook runs
    }
    try {
      remove();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void removeQuietly() {
    try {
      remove();
    } catch (IOException | UncheckedIOException e) {
      // somebody else's to remove
    }
  }

  private synchronized void remove() throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    }
  }
}
