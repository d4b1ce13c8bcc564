package io.oplog.server.command;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;

/** A file of lines, or standard input; unpacked when its first bytes say that it is packed. */
final class OperationFile implements Closeable {
  private static final int BUFFER = 1 << 16;
  private static final int GZIP_MAGIC = 0x1f8b;

  private final InputStream lines;
  private final AtomicLong read;
  private final long size;

  private OperationFile(InputStream lines, AtomicLong read, long size) {
    this.lines = lines;
    this.read = read;
    this.size = size;
  }

  /** Opens a file; {@code -} is standard input. */
  static OperationFile open(Path path) throws IOException {
    boolean standard = path.toString().equals("-");
    long size = standard ? 0 : Files.size(path);
    AtomicLong read = new AtomicLong();
    InputStream raw = standard ? System.in : Files.newInputStream(path);
    return new OperationFile(unpacked(new Counted(raw, read)), read, size);
  }

  private static InputStream unpacked(InputStream raw) throws IOException {
    BufferedInputStream in = new BufferedInputStream(raw, BUFFER);
    in.mark(2);
    int magic = in.read() << 8 | in.read();
    in.reset();
    return magic == GZIP_MAGIC ? new GZIPInputStream(in, BUFFER) : in;
  }

  InputStream lines() {
    return lines;
  }

  /** How much of the file was read, 0 to 1; nothing for a pipe. */
  OptionalDouble share() {
    return size == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1.0, (double) read.get() / size));
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
}
