package io.oplog.client;

import io.oplog.protocol.EventId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that holds an event id and nothing else. It is replaced as a whole: whenever the process
 * or the machine ends, what is there is a checkpoint.
 */
public final class FileCheckpointStore implements CheckpointStore {
  private final Path file;
  private final ReplacedFile replaced;

  /**
   * Does nothing yet.
   *
   * @param file in a folder that exists, which must be writable too; each consumer has its own
   */
  public FileCheckpointStore(Path file) {
    this.file = file.toAbsolutePath();
    this.replaced = new ReplacedFile(file);
  }

  /**
   * Reads the file; one that is not there holds nothing.
   *
   * @throws IOException also when it holds something else, or could not be written
   */
  @Override
  public Optional<String> load() throws IOException {
    requireWritable();
    try {
      String text = Files.readString(file).strip();
      return Optional.of(EventId.parse(text).toString());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new IOException(
          file + " holds no checkpoint, delete it to begin anew: " + e.getMessage(), e);
    }
  }

  /** Now rather than when the first events were handled in vain. */
  private void requireWritable() throws IOException {
    try {
      replaced.requireWritable();
    } catch (IOException e) {
      throw new IOException("no checkpoint can be written in " + file.getParent() + ": " + e, e);
    }
  }

  @Override
  public void save(String eventId) throws IOException {
    replaced.write(eventId + "\n");
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
