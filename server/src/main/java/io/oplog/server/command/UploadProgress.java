package io.oplog.server.command;

import io.oplog.client.Upload;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Shows how far an upload is: a bar that is drawn anew in a terminal, a line every few seconds
 * elsewhere. Any thread: the upload tells it, and a signal may end it.
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
  private long throughLine;
  private boolean ended;

  UploadProgress(OperationFile file, PrintWriter err) {
    this.file = file;
    this.err = err;
  }

  @Override
  public synchronized void stored(long more, long line) {
    operations += more;
    throughLine = line;
    long now = System.nanoTime();
    if (!ended && now - shown >= (terminal ? TERMINAL_NANOS : PLAIN_NANOS)) {
      shown = now;
      show(now);
    }
  }

  @Override
  public synchronized void skipped(long line) {
    skippedLines = line;
    throughLine = line;
  }

  private void show(long now) {
    drawn = true;
    err.print(terminal ? "\r" + line(now) + "\u001b[K" : line(now) + "\n");
    err.flush();
  }

  private String line(long now) {
    OptionalDouble share = file.share(throughLine);
    String rate = String.format(Locale.ROOT, "%s, %,d a second", counted(), rate(now));
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

  /** Ends the bar; nothing is drawn after it. */
  synchronized void end() {
    if (terminal && drawn && !ended) {
      err.print("\r\u001b[K");
      err.flush();
    }
    ended = true;
  }

  synchronized boolean hasStored() {
    return operations > 0;
  }

  /** Says how far it is. */
  synchronized String state(String done) {
    return counted() + (operations == 1 ? " is " : " are ") + done;
  }

  private String counted() {
    return operations == 1
        ? "1 operation"
        : String.format(Locale.ROOT, "%,d operations", operations);
  }

  /** Says what was done. */
  synchronized String summary(String verb) {
    long now = System.nanoTime();
    String time =
        String.format(Locale.ROOT, " in %.1f s (%,d a second)", (now - started) / 1e9, rate(now));
    return verb + " " + counted() + time + skippedText();
  }

  private String skippedText() {
    if (skippedLines == 0) {
      return "";
    }
    return skippedLines == 1
        ? "; the first line was there already"
        : String.format(Locale.ROOT, "; the first %,d lines were there already", skippedLines);
  }
}
