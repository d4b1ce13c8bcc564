package io.oplog.client.sync.sort;

import java.io.IOException;

/** A file cannot be written, as on a full disk. The message names it. */
public final class DiskException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean isTemporary;

  DiskException(String place, boolean isTemporary, IOException cause) {
    super("cannot write " + place + ": " + cause.getMessage(), cause);
    this.isTemporary = isTemporary;
  }

  DiskException(String message) {
    super(message);
    this.isTemporary = true;
  }

  /** Whether it is one of the temporary files, which may go elsewhere. */
  public boolean isTemporary() {
    return isTemporary;
  }
}
