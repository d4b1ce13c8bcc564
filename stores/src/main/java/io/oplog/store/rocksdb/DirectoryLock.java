package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a data directory to one store, and knows whether it is still the one in its place. The
 * operating system lets go of it when a process ends. Thread-safe.
 */
final class DirectoryLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);
  private static final long LOOK_EVERY_MILLIS = 1000;

  private final Path directory;
  private final FileChannel channel;
  private final @Nullable Object fileKey;
  private long lookAtMillis = Long.MIN_VALUE;
  private boolean gone;
  private List<Path> needed = List.of();

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
    this.fileKey = fileKey();
  }

  private static Path in(Path directory) {
    return directory.resolve("lock");
  }

  static DirectoryLock take(Path directory) throws StoreException {
    try {
      FileChannel channel =
          FileChannel.open(in(directory), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new StoreException.Locked(
            "the data directory "
                + directory.toAbsolutePath()
                + " is in use by another oplog server: stop that one, or choose another directory");
      }
      return new DirectoryLock(directory, channel);
    } catch (IOException e) {
      throw new StoreException.Misplaced(
          "cannot lock the data directory "
              + directory.toAbsolutePath()
              + ": "
              + DataDirectory.reason(e),
          e);
    }
  }

  /** What tells a file from all others that have, had or will have its name; null if nothing. */
  private @Nullable Object fileKey() {
    try {
      return Files.readAttributes(in(directory), BasicFileAttributes.class).fileKey();
    } catch (IOException _) {
      return null;
    }
  }

  /** From now on these files are there too, as long as nobody takes them away. */
  synchronized void needs(List<Path> files) {
    needed = List.copyOf(files);
  }

  /**
   * Looks, once a second, whether the directory was removed or another was put in its place: what
   * is written then is lost with the process.
   *
   * @throws StoreException.Unavailable while it is not there
   */
  synchronized void requireInPlace(long nowMillis) throws StoreException {
    if (nowMillis >= lookAtMillis) {
      lookAtMillis = nowMillis + LOOK_EVERY_MILLIS;
      look();
    }
    if (gone) {
      throw new StoreException.Unavailable(
          "the data directory "
              + directory.toAbsolutePath()
              + " was removed or replaced, or a part of it, while the server runs, so nothing is stored any more:"
              + " stop it, put the directory back and start it again",
          null);
    }
  }

  private void look() {
    boolean before = gone;
    gone = !Objects.equals(fileKey(), fileKey) || !needed.stream().allMatch(Files::exists);
    if (gone && !before) {
      LOG.error(
          "the data directory {}, or a part of it, was removed or replaced",
          directory.toAbsolutePath());
    } else if (before && !gone) {
      LOG.info("the data directory {} is in its place again", directory.toAbsolutePath());
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null; // held by another store in this process
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // Nothing was written through it; the process's end lets go of the lock as well.
    }
  }
}
