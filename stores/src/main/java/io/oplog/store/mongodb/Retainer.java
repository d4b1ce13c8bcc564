package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.lte;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Sorts.ascending;

import com.mongodb.client.ClientSession;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import io.oplog.core.store.AgeGuard;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.Bounds.Floor;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreClock;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.bson.conversions.Bson;

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

  private final Collections collections;
  private final BlockLog log;
  private final Lease lease;
  private final LiveBounds bounds;
  private final Retention retention;
  private final StoreClock clock;
  private final AgeGuard ages;

  Retainer(
      Collections collections,
      BlockLog log,
      Lease lease,
      LiveBounds bounds,
      Retention retention,
      StoreClock clock) {
    this.collections = collections;
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
    bounds.floor(FloorDocument.read(collections));
  }

  /** Takes over where the log begins by now. */
  void lookAtStart() {
    LogStart start = LogStart.read(collections);
    bounds.first(start.first(), start.bytesBefore());
  }

  private void trimLog(FoldPlace fold, long cutoffMillis) {
    Bounds now = bounds.now();
    long dropBytes = bounds.bytesThroughHead() - retention.logBytes();
    Bson old = or(lt(Block.MILLIS, cutoffMillis), lt(Block.BEFORE, dropBytes));
    Bson droppable = and(lte("_id", fold.number()), lt(Block.LAST, now.head()), old);
    Document newest = log.newestWhere(droppable);
    if (newest != null && newest.getLong("_id") >= LogStart.read(collections).number()) {
      LogStart start = startAfter(newest);
      start.write(collections);
      bounds.first(start.first(), start.bytesBefore());
    }
    deleteBefore(LogStart.read(collections).number());
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
      dropped = Collections.transaction(lease.dropping(), session -> drop(session, cutoffMillis));
      look();
    }
  }

  /** How many were dropped of that kind of which there were more. */
  private int drop(ClientSession session, long cutoffMillis) {
    long logFirst = bounds.now().first();
    List<Document> deletes =
        oldest(
            collections.objects.find(
                session,
                and(
                    eq(StateDocument.DELETED, true),
                    lt(StateDocument.SEQUENCE, logFirst),
                    lt(StateDocument.MILLIS, cutoffMillis))),
            StateDocument.SEQUENCE);
    List<Document> left =
        oldest(
            collections.left.find(
                session, and(lt("_id", logFirst), lt(LeftDocument.MILLIS, cutoffMillis))),
            "_id");
    FloorDocument.raise(collections, session, newest(deletes, left));
    delete(session, collections.objects, deletes);
    delete(session, collections.left, left);
    return Math.max(deletes.size(), left.size());
  }

  private static List<Document> oldest(FindIterable<Document> found, String position) {
    Document fields = new Document(StateDocument.SEQUENCE, 1).append(StateDocument.MILLIS, 1);
    return found
        .projection(fields)
        .sort(ascending(position))
        .limit(MOST_DROPPED)
        .into(new ArrayList<>());
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
