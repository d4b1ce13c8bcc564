package io.oplog.server.command;

import io.oplog.client.Download;
import io.oplog.client.Endpoint;
import io.oplog.server.config.FileReason;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipException;

/** A file of lines, or standard input; unpacked when its first bytes say that it is packed. */
final class OperationFile implements Closeable {
  private static final int BUFFER = 1 << 16;
  private static final int GZIP_MAGIC = 0x1f8b;

  private final Lines lines;
  private final AtomicLong read;
  private final long size;

  private OperationFile(Lines lines, AtomicLong read, long size) {
    this.lines = lines;
    this.read = read;
    this.size = size;
  }

  /**
   * Opens a file; {@code -} is standard input.
   *
   * @throws CommandFailure when it cannot be read
   */
  static OperationFile open(Path path) throws CommandFailure {
    if (Files.isDirectory(path)) {
      throw unreadable(path, "is a folder");
    }
    try {
      return opened(path);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(ExitCode.NO_INPUT, "there is no file " + path);
    } catch (EOFException | ZipException e) {
      throw new CommandFailure(ExitCode.DATA, name(path) + " is gzip, and damaged or cut");
    } catch (IOException e) {
      throw unreadable(path, FileReason.of(e));
    }
  }

  /**
   * Opens a file, or what an {@code http://} or {@code https://} address answers.
   *
   * @param silence how long an answer, and later each byte of it, may take
   * @throws CommandFailure when it cannot be read
   */
  static OperationFile open(String place, Duration silence)
      throws CommandFailure, InterruptedException {
    return isAddress(place) ? fetched(place, silence) : open(Path.of(place));
  }

  private static boolean isAddress(String place) {
    return place.regionMatches(true, 0, "http://", 0, 7)
        || place.regionMatches(true, 0, "https://", 0, 8);
  }

  private static OperationFile fetched(String address, Duration silence)
      throws CommandFailure, InterruptedException {
    try {
      Download download = Download.open(new URI(address), silence);
      return of(download, download.length());
    } catch (EOFException | ZipException e) {
      throw new CommandFailure(ExitCode.DATA, name(address) + " is gzip, and damaged or cut");
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.NO_INPUT, "cannot fetch " + name(address) + ": " + e.getMessage());
    } catch (URISyntaxException e) {
      throw new CommandFailure(
          ExitCode.NO_INPUT, "not an address: " + name(address) + ": " + e.getReason());
    }
  }

  /** What people call a file or an address, without what may be a password. */
  static String name(String place) {
    return isAddress(place) ? Endpoint.shown(place) : name(Path.of(place));
  }

  private static CommandFailure unreadable(Path path, String reason) {
    return new CommandFailure(ExitCode.NO_INPUT, "cannot read " + name(path) + ": " + reason);
  }

  /** What people call it. */
  static String name(Path path) {
    return isStandardInput(path) ? "standard input" : path.toString();
  }

  private static boolean isStandardInput(Path path) {
    return path.toString().equals("-");
  }

  private static OperationFile opened(Path path) throws IOException {
    long size = isStandardInput(path) ? 0 : Files.size(path);
    return of(isStandardInput(path) ? System.in : Files.newInputStream(path), size);
  }

  /** Reads what is open already, and closes it where that fails. */
  static OperationFile of(InputStream raw, long size) throws IOException {
    AtomicLong read = new AtomicLong();
    try {
      return new OperationFile(new Lines(unpacked(new Counted(raw, read))), read, size);
    } catch (IOException | RuntimeException e) {
      try {
        raw.close();
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  private static InputStream unpacked(InputStream raw) throws IOException {
    BufferedInputStream in = new BufferedInputStream(raw, BUFFER);
    in.mark(2);
    int magic = in.read() << 8 | in.read();
    in.reset();
    return magic == GZIP_MAGIC ? new GzipMembers(in) : in;
  }

  InputStream lines() {
    return lines;
  }

  /**
   * The part of the file that ends with a line, 0 to 1; nothing for a pipe. Where that line's bytes
   * lie in a packed file is not known: it is taken to be packed as evenly as what was read.
   */
  OptionalDouble share(long throughLine) {
    if (size == 0) {
      return OptionalDouble.empty();
    }
    double ofRead = Math.min(1.0, (double) throughLine / Math.max(1, lines.count()));
    return OptionalDouble.of(Math.min(1.0, (double) read.get() / size) * ofRead);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  /** Counts the bytes that were read. */
  private static final class Counted extends FilterInputStream {
    private final AtomicLong count;

    Counted(InputStream in, AtomicLong count) {
      super(in);
      this.count = count;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count.addAndGet(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = super.read(bytes, offset, length);
      count.addAndGet(Math.max(n, 0));
      return n;
    }
  }

  /** Counts the lines that were read. Thread-confined. */
  private static final class Lines extends FilterInputStream {
    private long count;

    Lines(InputStream in) {
      super(in);
    }

    long count() {
      return count;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b == '\n' ? 1 : 0;
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = super.read(bytes, offset, length);
      long ends = 0;
      for (int i = offset; i < offset + n; i++) {
        ends += bytes[i] == '\n' ? 1 : 0;
      }
      count += ends;
      return n;
    }
  }
}
