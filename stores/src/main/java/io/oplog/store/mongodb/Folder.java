package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;

import com.mongodb.MongoException;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Trouble;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.bson.BSONException;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the states follow the log, if this process has the lease for it, and tells how far they are
 * in any case. A thread of its own.
 *
 * <p>A write begins with the fold's document: unless the fold still stands where the batch was read
 * from, nothing is written. So two that both think they have the lease do no harm.
 */
final class Folder {
  private static final Logger LOG = LoggerFactory.getLogger(Folder.class);
  private static final long LOOK_MILLIS = 1000;

  /** A transaction costs as much for one operation as for many: so often at most. */
  private static final long GATHER_MILLIS = 100;

  private static final long RETRY_MILLIS = 200;
  private static final long PAGE_BYTES = 4 << 20;

  private final ObjectId self;
  private final LogDatabase database;
  private final BlockLog log;
  private final Lease lease;
  private final Sources sources;
  private final LiveBounds bounds;
  private final LongConsumer listener;
  private final Worker worker = new Worker("oplog-mongodb-fold", this::stepOrWait);
  private final Trouble damage =
      new Trouble(LOG, "The states cannot follow the log", "The states follow the log again");

  private final Unfolded unfolded = new Unfolded();
  private volatile long limit = Long.MAX_VALUE;

  /**
   * Where the fold stands by the last write of this process; null when another may have written.
   */
  private @Nullable FoldPlace own;

  /** The furthest place that was heard of. */
  private FoldPlace furthest = FoldPlace.START;

  /**
   * @param self names this agent in what it writes
   * @param listener told of each sequence up to which the states have come
   */
  Folder(
      ObjectId self,
      LogDatabase database,
      BlockLog log,
      Lease lease,
      Sources sources,
      LiveBounds bounds,
      LongConsumer listener) {
    this.self = self;
    this.database = database;
    this.log = log;
    this.lease = lease;
    this.sources = sources;
    this.bounds = bounds;
    this.listener = listener;
  }

  void start() {
    worker.start();
  }

  /** Lets the states follow the log up to here and no further. */
  void limit(long sequence) {
    limit = sequence;
    ring();
  }

  /** There may be something to fold, or another process has folded. */
  void ring() {
    worker.ring();
  }

  /** A block is in the chain, and all before it. Does not wait. */
  void known(Block block) {
    unfolded.add(block);
    if (lease.isHeld()) {
      ring();
    } else {
      tellFurthest();
    }
  }

  /** Another process has folded up to here. */
  void heard(FoldPlace place) {
    tell(place);
  }

  private void stepOrWait() {
    try {
      long begun = System.nanoTime();
      boolean more = step();
      damage.over();
      if (!more) {
        worker.rest(GATHER_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
        worker.await(LOOK_MILLIS);
      }
    } catch (MongoException e) {
      LOG.debug("The states could not follow the log", e);
      worker.await(RETRY_MILLIS);
    } catch (StoreException | BSONException e) {
      damage.met(String.valueOf(e.getMessage()));
      worker.await(LOOK_MILLIS);
    }
  }

  /** What keeps the states from following for good; null when nothing does. */
  @Nullable String damage() {
    return damage.reason();
  }

  /** Folds some; whether it is known that there is more. */
  private boolean step() throws StoreException {
    boolean held = lease.hold();
    FoldPlace from = held && own != null ? own : stored();
    tell(from);
    if (!held) {
      own = null;
      return false;
    }
    FoldBatch batch = read(from);
    if (batch.end().equals(from)) {
      return false;
    }
    own = null; // until it is known that it was written
    if (write(from, batch)) {
      own = batch.end();
      tell(batch.end());
    }
    return batch.isFull();
  }

  private FoldPlace stored() throws StoreException {
    return FoldPlace.of(database.require(FoldPlace.ID));
  }

  private FoldBatch read(FoldPlace from) throws StoreException {
    FoldBatch batch = new FoldBatch(from, limit);
    List<Block> known = unfolded.after(from.number());
    for (Block block : known.isEmpty() ? log.after(from.number(), PAGE_BYTES) : known) {
      if (!batch.take(block)) {
        break;
      }
    }
    return batch;
  }

  /** Whether the states are at the batch's end now by this write. */
  private boolean write(FoldPlace from, FoldBatch batch) {
    return LogDatabase.transaction(
        lease.folding(),
        session -> {
          long moved =
              database
                  .meta
                  .replaceOne(
                      session, stillAt(from), batch.end().toDocument().append(Block.AGENT, self))
                  .getMatchedCount();
          if (moved == 1) {
            batch.write(database, sources, session);
          }
          return moved == 1;
        });
  }

  private static Bson stillAt(FoldPlace from) {
    return and(
        eq("_id", FoldPlace.ID),
        eq(FoldPlace.NUMBER, from.number()),
        eq(FoldPlace.SEQUENCE, from.sequence()));
  }

  /** The document that a new log has. */
  static Document none() {
    return FoldPlace.START.toDocument().append("_id", FoldPlace.ID);
  }

  private synchronized void tell(FoldPlace place) {
    sources.folded(place.number());
    unfolded.folded(place.number());
    if (place.sequence() > furthest.sequence()) {
      furthest = place;
    }
    tellFurthest();
  }

  /** Once the operations up to there are known, too. */
  private synchronized void tellFurthest() {
    FoldPlace place = furthest;
    if (place.sequence() > bounds.now().folded() && place.sequence() <= bounds.now().head()) {
      bounds.folded(place.sequence(), place.millis());
      listener.accept(place.sequence());
    }
  }

  /** Lets it end; whether it has. */
  boolean stop() {
    return worker.stop();
  }
}
