package io.oplog.connector.mongodb;

import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Backlog;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far behind the source is, as far as what was read tells: a server does not say how much
 * follows. Thread-safe.
 */
final class Standing {
  private static final Told UNKNOWN = new Told(new Backlog(Backlog.UNKNOWN, Backlog.UNKNOWN), null);
  private static final Told NOTHING = new Told(Backlog.NONE, null);

  /**
   * What was handed out, and not acknowledged.
   *
   * @param since when the first of it happened
   * @param next when what follows it happened, at the earliest; null where nothing is known to
   */
  private record Handed(String to, long since, @Nullable Long next) {}

  /**
   * What is told of the backlog.
   *
   * @param since when the oldest change in it happened; null where that is not known
   */
  private record Told(Backlog backlog, @Nullable Long since) {}

  private final Deque<Handed> open = new ArrayDeque<>();
  private Told told = UNKNOWN;

  /** Nothing is known, as at the beginning. */
  synchronized void unknown() {
    open.clear();
    told = UNKNOWN;
  }

  /** Nothing follows. */
  synchronized void caughtUp() {
    if (open.isEmpty()) {
      told = NOTHING;
    }
  }

  /** Changes were handed out; more may be at hand. */
  synchronized void handed(List<DocumentChange> changes, String to, boolean hasMore) {
    Long next = hasMore ? changes.getLast().millis() : null;
    open.addLast(new Handed(to, changes.getFirst().millis(), next));
    told = since(open.getFirst().since());
  }

  /**
   * Everything that was handed out up to a position is done with. The position may be of a batch
   * without changes, which came later.
   */
  synchronized void acknowledged(String position) {
    Handed last = null;
    while (!open.isEmpty() && time(open.getFirst().to()).compareTo(time(position)) <= 0) {
      last = open.removeFirst();
    }
    if (last != null) {
      told = open.isEmpty() ? afterAllOf(last) : since(open.getFirst().since());
    }
  }

  /** Positions of one time are of batches of which the first alone has changes. */
  private static String time(String position) {
    return position.substring(0, Math.min(ChangeTime.CHARS, position.length()));
  }

  private static Told afterAllOf(Handed last) {
    return last.next() == null ? NOTHING : since(last.next());
  }

  private static Told since(Long millis) {
    return new Told(UNKNOWN.backlog(), millis);
  }

  synchronized Backlog backlog(long nowMillis) {
    return told.since() == null
        ? told.backlog()
        : new Backlog(Backlog.UNKNOWN, Math.max(0, nowMillis - told.since()) / 1000);
  }
}
