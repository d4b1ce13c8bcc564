package io.oplog.client.sync.sort;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a run, or any file of entries, one by one. Thread-confined. */
final class RunReader implements Closeable {
  private final DataInputStream in;
  private final EntryBytes current = new EntryBytes();

  RunReader(InputStream file, int bufferBytes) {
    in = new DataInputStream(new BufferedInputStream(file, bufferBytes));
  }

  /** Moves to the next entry; false at the end. */
  boolean next() throws IOException {
    int length = length();
    if (length < 0) {
      return false;
    }
    current.resize(EntryBytes.LENGTH_BYTES + length);
    putLength(length);
    in.readFully(current.bytes(), EntryBytes.LENGTH_BYTES, length);
    return true;
  }

  /** -1 at the end. */
  private int length() throws IOException {
    int first = in.read();
    if (first < 0) {
      return -1;
    }
    int rest = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int length = first << 24 | rest;
    if (length < 0) {
      throw new EOFException("a temporary file is damaged");
    }
    return length;
  }

  private void putLength(int length) {
    byte[] bytes = current.bytes();
    bytes[0] = (byte) (length >>> 24);
    bytes[1] = (byte) (length >>> 16);
    bytes[2] = (byte) (length >>> 8);
    bytes[3] = (byte) length;
  }

  /** The entry it stands at; another one after {@link #next}. */
  EntryBytes current() {
    return current;
  }

  /** By key, then order, of the entries they stand at. */
  static int compare(RunReader a, RunReader b) {
    return EntryBytes.compare(a.current.bytes(), 0, b.current.bytes(), 0);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
