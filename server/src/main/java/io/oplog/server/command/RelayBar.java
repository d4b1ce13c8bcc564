package io.oplog.server.command;

import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.RelayStats;
import java.io.PrintWriter;
import java.util.Locale;

/** How a relay gets on, in a line for people. Thread-confined. */
final class RelayBar {
  private static final int SHOWN_POSITION = 40;
  private static final double RATE_NANOS = 1e9;

  private final ProgressLine line;
  private long lookedAt = System.nanoTime();
  private long sent;
  private double rate;

  RelayBar(PrintWriter err) {
    line = new ProgressLine(err);
  }

  void show(RelayStats now, long nanos) {
    if (nanos - lookedAt > RATE_NANOS) {
      rate = (now.sent() - sent) * RATE_NANOS / (nanos - lookedAt);
      sent = now.sent();
      lookedAt = nanos;
    }
    if (line.isDue(nanos)) {
      line.show(text(now, rate), nanos);
    }
  }

  /** As in {@code 12,345 changes, 210/s, up to date, at 6920c0de…}. */
  static String text(RelayStats now, double rate) {
    String at = now.position().map(text -> ", at " + start(text)).orElse("");
    return String.format(Locale.ROOT, "%,d changes, %,.0f/s, %s%s", now.sent(), rate, lag(now), at);
  }

  private static String lag(RelayStats now) {
    Backlog backlog = now.backlog();
    if (now.trouble().isPresent()) {
      return "waiting";
    }
    if (backlog.changes() == 0) {
      return "up to date";
    }
    return backlog.seconds() < 0 ? "starting" : backlog.seconds() + " s behind";
  }

  private static String start(String text) {
    return text.length() > SHOWN_POSITION ? text.substring(0, SHOWN_POSITION) + "…" : text;
  }

  void end() {
    line.end();
  }
}
