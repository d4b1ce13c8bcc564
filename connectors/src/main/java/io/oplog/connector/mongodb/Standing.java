package io.oplog.connector.mongodb;

import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Backlog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far behind the source is, as far as what was read tells: a server does not say how much
 * follows. Written by one thread, read by any.
 */
final class Standing {
  private static final Told UNKNOWN = new Told(new Backlog(Backlog.UNKNOWN, Backlog.UNKNOWN), null);
  private static final Told NOTHING = new Told(Backlog.NONE, null);

  /**
   * What was handed out last.
   *
   * @param next when what follows it happened, at the earliest; null where nothing is known to
   */
  private record Handed(String to, @Nullable Long next) {}

  /**
   * What is told of the backlog.
   *
   * @param since when the oldest change in it happened; null where that is not known
   */
  private record Told(Backlog backlog, @Nullable Long since) {}

  private @Nullable Handed open;
  private volatile Told told = UNKNOWN;

  /** Nothing is known, as at the beginning. */
  void unknown() {
    open = null;
    told = UNKNOWN;
  }

  /** Nothing follows. */
  void caughtUp() {
    if (open == null) {
      told = NOTHING;
    }
  }

  /** Changes were handed out; more may be at hand. */
  void handed(List<DocumentChange> changes, String to, boolean hasMore) {
    open = new Handed(to, hasMore ? changes.getLast().millis() : null);
    told = since(changes.getFirst().millis());
  }

  void acknowledged(String position) {
    Handed waiting = open;
    if (waiting != null && waiting.to().equals(position)) {
      open = null;
      told = waiting.next() == null ? NOTHING : since(waiting.next());
    }
  }

  private static Told since(@Nullable Long millis) {
    return new Told(UNKNOWN.backlog(), millis);
  }

  Backlog backlog(long nowMillis) {
    Told now = told;
    return now.since() == null
        ? now.backlog()
        : new Backlog(Backlog.UNKNOWN, Math.max(0, nowMillis - now.since()) / 1000);
  }
}
