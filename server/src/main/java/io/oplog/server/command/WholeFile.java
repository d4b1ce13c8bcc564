package io.oplog.server.command;

import io.oplog.client.sync.sort.NamedOutput;
import io.oplog.server.config.FileReason;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/**
 * A file that is there only once it is whole, and has another name until then; compressed when its
 * name ends in {@code .gz}.
 */
final class WholeFile {
  private static final int BUFFER = 1 << 18;

  private final Path file;
  private final Path unfinished;

  WholeFile(Path file) {
    this.file = file;
    this.unfinished = file.resolveSibling(file.getFileName() + ".tmp");
  }

  /** What is in it. */
  @FunctionalInterface
  interface Content<T> {
    T write(OutputStream out) throws IOException, InterruptedException;
  }

  /**
   * Writes it.
   *
   * @param commit is run when all is on the disk: the file is there from then on, unless it throws
   * @throws CommandFailure when the file cannot be made
   */
  <T> T write(Content<T> content, Runnable commit)
      throws IOException, InterruptedException, CommandFailure {
    try {
      T written;
      try (OutputStream out = open()) {
        written = content.write(out);
      }
      sync();
      commit.run();
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      return written;
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private OutputStream open() throws CommandFailure {
    if (Files.isDirectory(file)) {
      throw new CommandFailure(ExitCode.FAILURE, "cannot write " + file + ": is a folder");
    }
    try {
      OutputStream raw = NamedOutput.to(file.toString(), Files.newOutputStream(unfinished));
      OutputStream out = new BufferedOutputStream(raw, BUFFER);
      return file.toString().endsWith(".gz") ? new GZIPOutputStream(out, BUFFER) : out;
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, "cannot write " + file + ": " + FileReason.of(e));
    }
  }

  private void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Removes what was written, for whoever waits and does not get to its end. */
  void discard() {
    boolean _ = unfinished.toFile().delete();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
