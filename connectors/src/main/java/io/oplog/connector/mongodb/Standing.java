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
  private static final Backlog UNKNOWN = new Backlog(Backlog.UNKNOWN, Backlog.UNKNOWN);

  /**
   * What was handed out last.
   *
   * @param next when what follows it happened, at the earliest; null where nothing is known to
   */
  private record Handed(String to, @Nullable Long next) {}

  private @Nullable Handed open;
  private volatile Backlog known = UNKNOWN;
  private volatile @Nullable Long oldest;

  /** Nothing is known, as at the beginning. */
  void unknown() {
    open = null;
    tell(UNKNOWN, null);
  }

  /** Nothing follows. */
  void caughtUp() {
    if (open == null) {
      tell(Backlog.NONE, null);
    }
  }

  /** Changes were handed out; more may be at hand. */
  void handed(List<DocumentChange> changes, String to, boolean hasMore) {
    open = new Handed(to, hasMore ? changes.getLast().millis() : null);
    tell(UNKNOWN, changes.getFirst().millis());
  }

  void acknowledged(String position) {
    Handed waiting = open;
    if (waiting != null && waiting.to().equals(position)) {
      open = null;
      tell(UNKNOWN, waiting.next());
    }
  }

  private void tell(Backlog backlog, @Nullable Long since) {
    known = backlog;
    oldest = since;
  }

  Backlog backlog(long nowMillis) {
    Long since = oldest;
    return since == null
        ? known
        : new Backlog(Backlog.UNKNOWN, Math.max(0, nowMillis - since) / 1000);
  }
}
