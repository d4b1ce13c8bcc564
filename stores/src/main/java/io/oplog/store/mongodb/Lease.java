package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Filters.or;

import com.mongodb.MongoException;
import com.mongodb.client.ClientSession;
import io.oplog.core.store.StoreClock;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to move the states, for one process at a time. Only to save work: what the holder
 * writes is safe without it. But a process that died or stands still may have left a transaction
 * open, which would keep others from its documents for a minute: who takes the lease over ends the
 * sessions of the one before, and does not hold it until that is done.
 *
 * <p>Thread-safe, but for the sessions: each is for one thread.
 */
final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final String ID = "lease";
  private static final String HOLDER = "holder";
  private static final String UNTIL = "until";
  private static final String SESSIONS = "sessions";
  private static final long MILLIS = 10_000;

  /** So often it is asked for while another has it. */
  private static final long ASK_NANOS = 1_000_000_000L;

  /** One that lasts longer was taken before the clock was set back; agents differ by less. */
  private static final long MOST_AHEAD_MILLIS = 2 * MILLIS;

  private final LogDatabase database;
  private final StoreClock clock;
  private final ObjectId self = new ObjectId();
  private final ClientSession folding;
  private final ClientSession dropping;
  private volatile long until;

  /** Sessions of holders before, which are to be ended yet. */
  private final List<Document> unended = new ArrayList<>();

  /** When it was asked for in vain, a value of {@code nanoTime}. */
  private long asked = System.nanoTime() - ASK_NANOS;

  /**
   * @param clock that all agents share
   */
  Lease(LogDatabase database, StoreClock clock) {
    this.database = database;
    this.clock = clock;
    this.folding = database.session();
    this.dropping = database.session();
  }

  /** The document that a new log has. */
  static Document none() {
    return new Document("_id", ID)
        .append(HOLDER, new ObjectId())
        .append(UNTIL, 0L)
        .append(SESSIONS, List.of());
  }

  /** For the transactions of the fold. */
  ClientSession folding() {
    return folding;
  }

  /** For the transactions that drop what is old. */
  ClientSession dropping() {
    return dropping;
  }

  /**
   * Whether this process has it, taken or renewed where that is due.
   *
   * @throws MongoException also when it is not known whether the holder before was ended
   */
  synchronized boolean hold() {
    boolean held = takeOrKeep();
    if (held) {
      endUnended();
    }
    return held;
  }

  private boolean takeOrKeep() {
    long now = clock.wallMillis();
    long left = until - now;
    if (left > MILLIS / 2 && left <= MOST_AHEAD_MILLIS) {
      return true;
    }
    if (left <= 0 && System.nanoTime() - asked < ASK_NANOS) {
      return false;
    }
    Document before = take(now);
    if (before == null) {
      until = 0;
      asked = System.nanoTime();
      return false;
    }
    until = now + MILLIS;
    if (!self.equals(before.getObjectId(HOLDER))) {
      unended.addAll(before.getList(SESSIONS, Document.class));
    }
    return true;
  }

  private @Nullable Document take(long now) {
    Document mine =
        new Document(HOLDER, self).append(UNTIL, now + MILLIS).append(SESSIONS, sessions());
    return database.quickMeta.findOneAndUpdate(
        and(
            eq("_id", ID),
            or(eq(HOLDER, self), lt(UNTIL, now), gt(UNTIL, now + MOST_AHEAD_MILLIS))),
        new Document("$set", mine));
  }

  /** Whether this process had it last. Asks nobody. */
  boolean isHeld() {
    return until > clock.wallMillis();
  }

  private List<BsonDocument> sessions() {
    return List.of(
        folding.getServerSession().getIdentifier(), dropping.getServerSession().getIdentifier());
  }

  /** Tried until it is answered: nobody else knows these sessions any more. */
  private void endUnended() {
    if (unended.isEmpty()) {
      return;
    }
    LOG.info("Taking over the fold of the states from another agent");
    try {
      database.endSessions(unended);
    } catch (MongoException e) {
      if (!Failures.isRefusal(e)) {
        throw e;
      }
      LOG.warn(
          "What another agent has left open ends by itself within a minute, since it may not be"
              + " ended: {}",
          Failures.reason(e));
    }
    unended.clear();
  }

  /** Lets another process have it at once. */
  @Override
  public synchronized void close() {
    try {
      database.quickMeta.updateOne(
          and(eq("_id", ID), eq(HOLDER, self)),
          new Document("$set", new Document(UNTIL, 0L).append(SESSIONS, List.of())));
    } catch (MongoException e) {
      LOG.debug("The lease was not given back", e);
    }
    folding.close();
    dropping.close();
  }
}
