package io.oplog.client.sync.sort;

import java.io.IOException;
import java.io.OutputStream;

/** Bytes for a place on a disk, which is named when they cannot be written. Thread-confined. */
public final class NamedOutput extends OutputStream {
  private final OutputStream out;
  private final String place;
  private final boolean isTemporary;

  NamedOutput(OutputStream out, String place, boolean isTemporary) {
    this.out = out;
    this.place = place;
    this.isTemporary = isTemporary;
  }

  /** Of a file that is to stay. */
  public static NamedOutput to(String place, OutputStream out) {
    return new NamedOutput(out, place, false);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** A reader of a pipe that goes away is no failure of a disk. */
  private IOException failed(IOException e) {
    return "Broken pipe".equals(e.getMessage())
        ? new IOException("cannot write " + place + ": nobody reads it any more", e)
        : new DiskException(place, isTemporary, e);
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
