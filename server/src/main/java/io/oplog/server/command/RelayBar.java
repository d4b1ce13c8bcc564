package io.oplog.server.command;

import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.RelayStats;
import java.io.PrintWriter;
import java.util.List;
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

  void show(List<RelayStats> now, long nanos) {
    if (nanos - lookedAt > RATE_NANOS) {
      rate = (sent(now) - sent) * RATE_NANOS / (nanos - lookedAt);
      sent = sent(now);
      lookedAt = nanos;
    }
    if (line.isDue(nanos)) {
      line.show(text(now, rate), nanos);
    }
  }

  private static long sent(List<RelayStats> now) {
    return now.stream().mapToLong(RelayStats::sent).sum();
  }

  /**
   * As in {@code 12,345 changes, 210/s, up to date, at 6920c0de…}. Of several relays the sum, how
   * far behind the last one is, and no position.
   */
  static String text(List<RelayStats> now, double rate) {
    String at =
        now.size() > 1
            ? ""
            : now.getFirst().position().map(text -> ", at " + start(text)).orElse("");
    return String.format(Locale.ROOT, "%,d changes, %,.0f/s, %s%s", sent(now), rate, lag(now), at);
  }

  private static String lag(List<RelayStats> now) {
    long waiting = now.stream().filter(relay -> relay.trouble().isPresent()).count();
    if (waiting > 0) {
      return now.size() == 1 ? "waiting" : waiting + " of " + now.size() + " waiting";
    }
    List<Backlog> backlogs = now.stream().map(RelayStats::backlog).toList();
    if (backlogs.stream().allMatch(backlog -> backlog.changes() == 0)) {
      return "up to date";
    }
    long seconds = backlogs.stream().mapToLong(Backlog::seconds).max().orElse(Backlog.UNKNOWN);
    return seconds < 0 ? "starting" : seconds + " s behind";
  }

  private static String start(String text) {
    return text.length() > SHOWN_POSITION ? text.substring(0, SHOWN_POSITION) + "…" : text;
  }

  void end() {
    line.end();
  }
}
