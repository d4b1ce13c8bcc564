package io.oplog.testkit;

import java.io.IOException;

/** What a process can be told from outside, beside to end. */
public enum Signal {
  /** Stand still, as on a machine that is out of memory or suspended; connections stay. */
  STOP,

  /** Go on. */
  CONT;

  /**
   * Sends it.
   *
   * @throws IOException when the process is gone
   */
  public void to(Process process) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + name(), Long.toString(process.pid())).start();
    try {
      if (kill.waitFor() != 0) {
        throw new IOException("kill -" + name() + " failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
