package io.oplog.server.command;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A line that tells how far something is: drawn anew in a terminal, one of many elsewhere.
 * Thread-confined.
 */
final class ProgressLine {
  private static final int BAR = 30;
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;

  private final PrintWriter err;
  private final boolean terminal = Terminal.isStandardError();
  private long shown = System.nanoTime();
  private boolean drawn;

  ProgressLine(PrintWriter err) {
    this.err = err;
  }

  /** Whether people would like to hear something again. */
  boolean isDue(long now) {
    return now - shown >= (terminal ? TERMINAL_NANOS : PLAIN_NANOS);
  }

  void show(String line, long now) {
    shown = now;
    drawn = true;
    err.print(terminal ? "\r" + line + "\u001b[K" : line + "\n");
    err.flush();
  }

  /** Takes the line away, where it was drawn; what follows begins a line. */
  void end() {
    if (terminal && drawn) {
      err.print("\r\u001b[K");
      err.flush();
    }
    drawn = false;
  }

  /** The bar where the share is known, else nothing. */
  static String bar(OptionalDouble share) {
    if (share.isEmpty()) {
      return "";
    }
    int full = (int) (share.getAsDouble() * BAR);
    String bar = "=".repeat(full) + " ".repeat(BAR - full);
    return String.format(Locale.ROOT, "[%s] %3d%% ", bar, (int) (share.getAsDouble() * 100));
  }

  /** The time left, where that can be told. */
  static String left(OptionalDouble share, double seconds) {
    return share.isPresent() && share.getAsDouble() > 0
        ? String.format(
            Locale.ROOT,
            ", %d s left",
            Math.round(seconds * (1 - share.getAsDouble()) / share.getAsDouble()))
        : "";
  }
}
