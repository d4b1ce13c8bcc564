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
  private final OperationFile file;
  private final ProgressLine progress;
  private final long started = System.nanoTime();
  private long operations;
  private long skippedLines;
  private long throughLine;
  private boolean ended;

  UploadProgress(OperationFile file, PrintWriter err) {
    this.file = file;
    this.progress = new ProgressLine(err);
  }

  @Override
  public synchronized void stored(long more, long line) {
    operations += more;
    throughLine = line;
    long now = System.nanoTime();
    if (!ended && progress.isDue(now)) {
      progress.show(line(now), now);
    }
  }

  @Override
  public synchronized void skipped(long line) {
    skippedLines = line;
    throughLine = line;
  }

  private String line(long now) {
    OptionalDouble share = file.share(throughLine);
    String rate = String.format(Locale.ROOT, "%s, %,d a second", counted(), rate(now));
    return ProgressLine.bar(share) + rate + ProgressLine.left(share, (now - started) / 1e9);
  }

  private long rate(long now) {
    return Math.round(operations / Math.max((now - started) / 1e9, 1e-3));
  }

  /** Ends the bar; nothing is drawn after it. */
  synchronized void end() {
    if (!ended) {
      progress.end();
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
