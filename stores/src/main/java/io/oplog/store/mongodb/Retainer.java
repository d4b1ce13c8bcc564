package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Sorts.ascending;

import com.mongodb.client.ClientSession;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import io.oplog.core.store.AgeGuard;
import io.oplog.core.store.Bounds.Floor;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreClock;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Drops what retention no longer keeps, in small steps: whole blocks of the log, never past the
 * fold nor the newest operation; then tombstones and left parents whose operations left the log.
 *
 * <p>{@link #enforce} is one thread's, though several processes may do it at once; the rest is
 * thread-safe.
 */
final class Retainer {
  private static final int MOST_BLOCKS = 500;
  private static final int MOST_DROPPED = 500;
  private static final int MOST_ROUNDS = 20;

  private final LogDatabase database;
  private final BlockLog log;
  private final Lease lease;
  private final LiveBounds bounds;
  private final Retention retention;
  private final StoreClock clock;
  private final AgeGuard ages;

  Retainer(
      LogDatabase database,
      BlockLog log,
      Lease lease,
      LiveBounds bounds,
      Retention retention,
      StoreClock clock) {
    this.database = database;
    this.log = log;
    this.lease = lease;
    this.bounds = bounds;
    this.retention = retention;
    this.clock = clock;
    this.ages = new AgeGuard(clock);
  }

  void enforce(FoldPlace fold) {
    boolean byAge = ages.mayDrop();
    long now = clock.wallMillis();
    trimLog(fold, byAge ? now - retention.logAge().toMillis() : Long.MIN_VALUE);
    if (byAge) {
      dropDeletes(now - retention.deletesAge().toMillis());
    }
  }

  /** Takes over what another process has dropped. */
  void look() {
    lookAtStart();
    bounds.floor(FloorDocument.read(database));
  }

  /** Takes over where the log begins by now. */
  void lookAtStart() {
    LogStart start = LogStart.read(database);
    bounds.first(start.first(), start.bytesBefore());
  }

  private void trimLog(FoldPlace fold, long cutoffMillis) {
    long first = LogStart.read(database).number();
    Document newest = lastDroppable(first, fold.number(), cutoffMillis);
    if (newest != null) {
      LogStart start = startAfter(newest);
      start.write(database);
      bounds.first(start.first(), start.bytesBefore());
    }
    deleteBefore(LogStart.read(database).number());
  }

  /**
   * The newest of these blocks that may go: time and size both rise along the log, so it is
   * bisected, and the oldest is looked at first, since most often that may not go.
   */
  private @Nullable Document lastDroppable(long first, long last, long cutoffMillis) {
    Document found = null;
    long low = first;
    long high = last;
    long next = first;
    while (low <= high) {
      Document block = log.withoutFrames(next);
      if (block == null || isDroppable(block, cutoffMillis)) { // or another has dropped it
        found = block == null ? found : block;
        low = next + 1;
      } else {
        high = next - 1;
      }
      next = (low + high) >>> 1;
    }
    return found;
  }

  private boolean isDroppable(Document block, long cutoffMillis) {
    long bytesAfter = bounds.bytesThroughHead() - block.getLong(Block.BEFORE);
    boolean old = block.getLong(Block.MILLIS) < cutoffMillis || bytesAfter > retention.logBytes();
    return old && block.getLong(Block.LAST) < bounds.now().head();
  }

  private void deleteBefore(long number) {
    boolean more = true;
    for (int round = 0; more && round < MOST_ROUNDS; round++) {
      more = log.deleteBefore(number, MOST_BLOCKS);
    }
  }

  private static LogStart startAfter(Document block) {
    return new LogStart(
        block.getLong("_id") + 1,
        block.getLong(Block.LAST) + 1,
        block.getLong(Block.BEFORE) + block.getLong(Block.BYTES));
  }

  private void dropDeletes(long cutoffMillis) {
    int dropped = MOST_DROPPED;
    for (int round = 0; dropped == MOST_DROPPED && round < MOST_ROUNDS; round++) {
      dropped = LogDatabase.transaction(lease.dropping(), session -> drop(session, cutoffMillis));
      look();
    }
  }

  /** How many were dropped of that kind of which there were more. */
  private int drop(ClientSession session, long cutoffMillis) {
    long logFirst = bounds.now().first();
    Bson tombstones = and(eq(StateDocument.DELETED, true), lt(StateDocument.SEQUENCE, logFirst));
    List<Document> deletes =
        oldest(database.objects.find(session, tombstones), StateDocument.SEQUENCE, cutoffMillis);
    List<Document> left =
        oldest(
            database.left.find(session, lt(LeftDocument.SEQUENCE, logFirst)),
            LeftDocument.SEQUENCE,
            cutoffMillis);
    FloorDocument.raise(database, session, newest(deletes, left));
    delete(session, database.objects, deletes);
    delete(session, database.left, left);
    return Math.max(deletes.size(), left.size());
  }

  /** Those from before a time: it rises with the position, so no index of it is needed. */
  private static List<Document> oldest(
      FindIterable<Document> found, String position, long cutoffMillis) {
    Document fields = new Document(StateDocument.SEQUENCE, 1).append(StateDocument.MILLIS, 1);
    List<Document> first =
        found
            .projection(fields)
            .sort(ascending(position))
            .limit(MOST_DROPPED)
            .into(new ArrayList<>());
    return first.stream()
        .takeWhile(one -> one.getLong(StateDocument.MILLIS) < cutoffMillis)
        .toList();
  }

  private static Floor newest(List<Document> deletes, List<Document> left) {
    Floor newest = Floor.NONE;
    if (!deletes.isEmpty()) {
      newest = floor(deletes.getLast().getLong(StateDocument.SEQUENCE), deletes.getLast());
    }
    if (!left.isEmpty() && left.getLast().getLong("_id") > newest.sequence()) {
      newest = floor(left.getLast().getLong("_id"), left.getLast());
    }
    return newest;
  }

  private static Floor floor(long sequence, Document dropped) {
    return new Floor(sequence, dropped.getLong(StateDocument.MILLIS) / 1000);
  }

  private static void delete(
      ClientSession session, MongoCollection<Document> from, List<Document> dropped) {
    if (!dropped.isEmpty()) {
      from.deleteMany(session, in("_id", dropped.stream().map(one -> one.get("_id")).toList()));
    }
  }
}
