package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a data directory to one store. The operating system lets go of it when a process ends. */
final class DirectoryLock implements AutoCloseable {
  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  static DirectoryLock take(Path directory) throws StoreException {
    try {
      FileChannel channel =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new StoreException.Locked(
            "the data directory "
                + directory.toAbsolutePath()
                + " is in use by another oplog server: stop that one, or choose another directory");
      }
      return new DirectoryLock(channel);
    } catch (IOException e) {
      throw new StoreException.Misplaced(
          "cannot lock the data directory " + directory.toAbsolutePath() + ": " + e, e);
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
