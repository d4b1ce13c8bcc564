package io.oplog.client;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A small file that is replaced as a whole: whenever the process or the machine ends, what is there
 * is one of the texts. One thread at a time.
 */
public final class ReplacedFile {
  private final Path file;
  private final Path beside;

  /**
   * Does nothing yet.
   *
   * @param file in a folder that exists, which must be writable too
   */
  public ReplacedFile(Path file) {
    this.file = file.toAbsolutePath();
    this.beside = this.file.resolveSibling(this.file.getFileName() + ".tmp");
  }

  /**
   * Finds out whether it could be written, now rather than at the first time; touches no other's.
   */
  public void requireWritable() throws IOException {
    try {
      Files.newOutputStream(beside, StandardOpenOption.WRITE).close();
    } catch (NoSuchFileException e) {
      Files.delete(Files.createTempFile(file.getParent(), file.getFileName() + ".", ".tmp"));
    }
  }

  /** Puts a text in the place of the one before; after a power cut it may be that one again. */
  public void write(String text) throws IOException {
    writeBeside(text.getBytes(StandardCharsets.UTF_8));
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * A name that leads to what is not on the disk yet would be an empty file after a power cut. Not
   * by a channel, which an interrupt closes.
   */
  private void writeBeside(byte[] bytes) throws IOException {
    try (FileOutputStream out = new FileOutputStream(beside.toFile())) {
      out.write(bytes);
      out.getFD().sync();
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
