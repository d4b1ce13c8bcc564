package io.oplog.server.command;

import io.oplog.client.Upload;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Shows how far an upload is: a bar that is drawn anew in a terminal, a line every few seconds
 * elsewhere.
 */
final class UploadProgress implements Upload.Progress {
  private static final int BAR = 30;
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;

  private final OperationFile file;
  private final PrintWriter err;
  private final boolean terminal = Terminal.isStandardError();
  private final long started = System.nanoTime();
  private long shown = started;
  private boolean drawn;
  private long operations;
  private long skippedLines;

  UploadProgress(OperationFile file, PrintWriter err) {
    this.file = file;
    this.err = err;
  }

  @Override
  public void stored(long more, long throughLine) {
    operations += more;
    long now = System.nanoTime();
    if (now - shown >= (terminal ? TERMINAL_NANOS : PLAIN_NANOS)) {
      shown = now;
      show(now);
    }
  }

  @Override
  public void skipped(long throughLine) {
    skippedLines = throughLine;
  }

  private void show(long now) {
    drawn = true;
    err.print(terminal ? "\r" + line(now) + "\u001b[K" : line(now) + "\n");
    err.flush();
  }

  private String line(long now) {
    OptionalDouble share = file.share();
    String rate = String.format(Locale.ROOT, "%,d operations, %,d a second", operations, rate(now));
    return share.isPresent() ? bar(share.getAsDouble()) + " " + rate + left(share, now) : rate;
  }

  private static String bar(double share) {
    int full = (int) (share * BAR);
    String bar = "=".repeat(full) + " ".repeat(BAR - full);
    return String.format(Locale.ROOT, "[%s] %3d%%", bar, (int) (share * 100));
  }

  private String left(OptionalDouble share, long now) {
    double seconds = (now - started) / 1e9 * (1 - share.getAsDouble()) / share.getAsDouble();
    return String.format(Locale.ROOT, ", %d s left", Math.round(seconds));
  }

  private long rate(long now) {
    return Math.round(operations / Math.max((now - started) / 1e9, 1e-3));
  }

  /** Ends the bar, and says what was done. */
  String summary(String verb) {
    if (terminal && drawn) {
      err.print("\r\u001b[K");
      err.flush();
    }
    long now = System.nanoTime();
    String done =
        String.format(
            Locale.ROOT,
            "%s %,d operations in %.1f s (%,d a second)",
            verb,
            operations,
            (now - started) / 1e9,
            rate(now));
    return skippedLines == 0
        ? done
        : done
            + String.format(Locale.ROOT, "; the first %,d lines were there already", skippedLines);
  }
}
