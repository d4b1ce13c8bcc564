package io.oplog.client;

import io.oplog.protocol.EventId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A file that holds an event id and nothing else. It is replaced as a whole: whenever the process
 * or the machine ends, what is there is a checkpoint.
 */
public final class FileCheckpointStore implements CheckpointStore {
  private final Path file;
  private final Path beside;

  /**
   * Does nothing yet.
   *
   * @param file in a folder that exists, which must be writable too; each consumer has its own
   */
  public FileCheckpointStore(Path file) {
    this.file = file.toAbsolutePath();
    this.beside = this.file.resolveSibling(this.file.getFileName() + ".new");
  }

  /**
   * Reads the file; one that is not there holds nothing.
   *
   * @throws IOException also when it holds something else
   */
  @Override
  public Optional<String> load() throws IOException {
    try {
      String text = Files.readString(file).strip();
      return Optional.of(EventId.parse(text).toString());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " holds no checkpoint: " + e.getMessage(), e);
    }
  }

  @Override
  public void save(String eventId) throws IOException {
    write(ByteBuffer.wrap((eventId + "\n").getBytes(StandardCharsets.US_ASCII)));
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A name that leads to what is not on the disk yet would be an empty file after a power cut. */
  private void write(ByteBuffer bytes) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
