package io.oplog.client.sync.sort;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A temporary file of entries in the order that they were written in. */
public final class EntryFile {
  private static final int READ_BYTES = 1 << 18;

  /** Room is looked for once for so much. */
  private static final int ROOM_BYTES = 16 << 20;

  private final Scratch scratch;
  private final Path file;

  /** A new one; {@link #write} makes it. */
  public EntryFile(Scratch scratch) {
    this.scratch = scratch;
    this.file = scratch.newFile("entries");
  }

  /** Opens it for writing, once. */
  public Writer write() throws IOException {
    return new Writer(scratch, scratch.write(file));
  }

  /** Opens it for reading. */
  public Reader read() throws IOException {
    return new Reader(new RunReader(scratch.read(file), READ_BYTES));
  }

  /** Takes entries. Thread-confined. */
  public static final class Writer implements Closeable {
    private final Scratch scratch;
    private final OutputStream out;
    private final EntryBytes encoded = new EntryBytes();
    private long room;

    private Writer(Scratch scratch, OutputStream out) {
      this.scratch = scratch;
      this.out = out;
    }

    /**
     * Writes an entry behind all others.
     *
     * @throws DiskException when the disk has no room for more of them
     */
    public void add(Entry entry) throws IOException {
      encoded.encode(entry);
      takeRoom(encoded.size());
      out.write(encoded.bytes(), 0, encoded.size());
    }

    private void takeRoom(int bytes) throws IOException {
      if (bytes > room) {
        room = Math.max(bytes, ROOM_BYTES);
        scratch.requireRoom(room);
      }
      room -= bytes;
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  /** Gives entries. Thread-confined. */
  public static final class Reader implements Closeable {
    private final RunReader run;

    private Reader(RunReader run) {
      this.run = run;
    }

    /** The next entry; null at the end. */
    public @Nullable Entry next() throws IOException {
      return run.next() ? run.current().decode() : null;
    }

    @Override
    public void close() throws IOException {
      run.close();
    }
  }
}
