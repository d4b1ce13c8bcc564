package io.oplog.core.engine;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import java.util.OptionalLong;

/**
 * Where a stream starts: the table "Where a stream starts" of the protocol, with a cursor held
 * against what the store has.
 */
public sealed interface StreamStart {

  /** How far before its own time an id of a system that was taken over makes a stream start. */
  long OVERLAP_SECONDS = 600;

  /** Live operations from now. */
  record Live() implements StreamStart {}

  /**
   * Every operation after a position.
   *
   * @param after the position
   * @param since the commit second of that position
   * @param liveAt the head whose reaching is to be told by a {@code live}; {@link #NOT_TOLD} for
   *     none
   */
  record Log(long after, long since, long liveAt) implements StreamStart {
    static final long NOT_TOLD = Long.MAX_VALUE;

    Log(long after, long since) {
      this(after, since, NOT_TOLD);
    }
  }

  /**
   * States after a position, then operations.
   *
   * @param after the position up to which the consumer has everything
   * @param committedFromMillis leave out states that were committed before; 0 leaves out none
   * @param since the stream's since, in seconds
   * @param ignoreDeletesThrough the fold position a replication from the beginning started at, else
   *     0
   * @param target the head that the fold must have reached before the stream goes on with
   *     operations
   * @param second of an id that is given out for that position: the since, or the commit second
   *     where that is later
   */
  record States(
      long after,
      long committedFromMillis,
      long since,
      long ignoreDeletesThrough,
      long target,
      long second)
      implements StreamStart {

    /** A place where nothing of a later second than the since has been sent. */
    public States(
        long after, long committedFromMillis, long since, long ignoreDeletesThrough, long target) {
      this(after, committedFromMillis, since, ignoreDeletesThrough, target, since);
    }

    /** The place after a page. */
    public States at(long through, long throughSecond) {
      return new States(
          through,
          committedFromMillis,
          since,
          ignoreDeletesThrough,
          target,
          Math.max(second, throughSecond));
    }
  }

  /** The consumer must forget what it holds: {@code reset}, then states from the beginning. */
  record Reset(ResetReason reason, States states) implements StreamStart {}

  /** Holds a cursor against the store. Reads it, so never on an event loop. */
  static StreamStart resolve(Store store, Cursor cursor) throws StoreException {
    return switch (cursor) {
      case Cursor.Now now -> new Live();
      case Cursor.Beginning beginning -> reset(store, ResetReason.REQUESTED);
      case Cursor.Since since -> since(store.bounds(), since.millis());
      case Cursor.After after -> after(store, after.id());
    };
  }

  /** A replication of everything that begins at the fold position of now. */
  static Reset reset(Store store, ResetReason reason) {
    Bounds bounds = store.bounds();
    long since = bounds.foldedSecond();
    return new Reset(reason, new States(0, 0, since, bounds.folded(), bounds.head()));
  }

  /**
   * Nothing was committed after the head, so a time that lies after it asks for no state, and
   * claims no later since than the head's: a clock that steps back must not hide a deletion.
   */
  private static States since(Bounds bounds, long millis) {
    if (millis > bounds.headMillis()) {
      return new States(bounds.head(), 0, bounds.headSecond(), 0, bounds.head());
    }
    return new States(0, millis, second(millis), 0, bounds.head());
  }

  private static StreamStart after(Store store, EventId id) throws StoreException {
    if (id.incarnation() != store.incarnation()) {
      return ofAnother(store, id);
    }
    Bounds bounds = store.bounds();
    if (isAhead(id, bounds)) {
      bounds = store.latestBounds();
    }
    if (isAhead(id, bounds) || store.lost(id)) {
      return reset(store, ResetReason.LOST_HISTORY);
    }
    OptionalLong millis = store.commitMillis(id.sequence());
    if (millis.isEmpty()) {
      return new States(id.sequence(), 0, id.seconds(), 0, bounds.head());
    }
    return inLog(store, id, second(millis.getAsLong()), bounds.head());
  }

  /**
   * Ids of several agents of the system that was taken over are not in order, and their clocks
   * differ: so its ids stand for a time somewhat before theirs.
   */
  private static StreamStart ofAnother(Store store, EventId id) throws StoreException {
    OptionalLong takenOver = store.takenOverSecond();
    if (takenOver.isEmpty() || id.seconds() > takenOver.getAsLong()) {
      return reset(store, ResetReason.INCARNATION);
    }
    return since(store.bounds(), Math.max(0, id.seconds() - OVERLAP_SECONDS) * 1000);
  }

  /** No id was ever given out above the head, or with later seconds: neither ever falls. */
  private static boolean isAhead(EventId id, Bounds bounds) {
    return id.sequence() > bounds.head() || id.seconds() > bounds.headSecond();
  }

  private static StreamStart inLog(Store store, EventId id, long committed, long head) {
    if (id.seconds() < committed) {
      return reset(store, ResetReason.LOST_HISTORY);
    }
    return id.seconds() == committed
        ? new Log(id.sequence(), committed)
        : new States(id.sequence(), 0, id.seconds(), 0, head);
  }

  private static long second(long millis) {
    return Math.floorDiv(millis, 1000L);
  }
}
