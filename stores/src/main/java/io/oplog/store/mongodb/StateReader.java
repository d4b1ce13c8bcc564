package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lte;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Sorts.ascending;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.PageBuilder;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Frame;
import io.oplog.protocol.OperationKind;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * Reads one page of states on one snapshot: the states and the records of left parents, merged by
 * their positions. Used for one page.
 */
final class StateReader {
  private static final int BATCH = 500;

  private final LogDatabase database;
  private final ClientSession snapshot;
  private final StateRead read;
  private final int incarnation;
  private final FoldPlace fold;
  private final PageBuilder page;
  private long through;
  private long throughMillis;

  private StateReader(
      LogDatabase database,
      ClientSession snapshot,
      StateRead read,
      int incarnation,
      FoldPlace fold) {
    this.database = database;
    this.snapshot = snapshot;
    this.read = read;
    this.incarnation = incarnation;
    this.fold = fold;
    this.page = new PageBuilder(read.maxBytes());
    this.through = read.after();
  }

  /**
   * A page of the states as they are now.
   *
   * @param before what was held at or before now
   */
  static StatePage read(LogDatabase database, Bounds before, int incarnation, StateRead read)
      throws StoreException {
    return database.snapshot(snapshot -> {
      if (FloorDocument.read(database, snapshot).passedBy(read)) {
        return new StatePage.FloorPassed();
      }
      FoldPlace fold = FoldPlace.of(database.require(snapshot, FoldPlace.ID));
      long second = fold.sequence() == 0 ? before.foldedSecond() : fold.millis() / 1000;
      if (!read.relyOn(fold.sequence(), second, before.head())) {
        return new StatePage.FoldBehind(fold.sequence());
      }
      return new StateReader(database, snapshot, read, incarnation, fold).page(second);
    });
  }

  private StatePage page(long foldSecond) throws StoreException {
    boolean whole;
    try (PositionCursor states = states();
        PositionCursor left = left()) {
      whole = take(states, left);
    }
    if (whole) {
      long end = Math.max(read.after(), fold.sequence());
      return new StatePage.Read(page.take(), end, foldSecond, true);
    }
    return new StatePage.Read(page.take(), through, throughMillis / 1000, false);
  }

  // ---- what is asked of the database ----

  private PositionCursor states() {
    List<Bson> wanted = new ArrayList<>(place(StateDocument.SEQUENCE));
    if (!read.tombstones()) {
      wanted.add(or(eq(StateDocument.DELETED, false), countsAsDelete(StateDocument.SEQUENCE)));
    }
    addFilter(wanted);
    return cursor(database.objects, and(wanted), StateDocument.SEQUENCE);
  }

  /** Without a filter of parents nothing is asked for. */
  private PositionCursor left() {
    List<Bson> wanted = new ArrayList<>(place(LeftDocument.SEQUENCE));
    wanted.add(countsAsDelete(LeftDocument.SEQUENCE));
    addFilter(wanted);
    Bson asked = read.filter().hasParents() ? and(wanted) : eq(LeftDocument.SEQUENCE, 0L);
    return cursor(database.left, asked, LeftDocument.SEQUENCE);
  }

  private PositionCursor cursor(MongoCollection<Document> from, Bson wanted, String position) {
    return new PositionCursor(
        from.find(snapshot, wanted).sort(ascending(position)).batchSize(BATCH), position);
  }

  private List<Bson> place(String position) {
    List<Bson> place = new ArrayList<>();
    place.add(gt(position, read.after()));
    place.add(lte(position, fold.sequence()));
    if (read.committedFromMillis() > 0) {
      place.add(gte(StateDocument.MILLIS, read.committedFromMillis()));
    }
    return place;
  }

  private Bson countsAsDelete(String position) {
    return and(
        gt(position, read.ignoreDeletesThrough()), gte(StateDocument.MILLIS, read.since() * 1000));
  }

  private void addFilter(List<Bson> wanted) {
    Filter filter = read.filter().filter();
    if (!filter.types().isEmpty()) {
      wanted.add(in(StateDocument.TYPE, filter.types()));
    }
    if (!filter.parents().isEmpty()) {
      wanted.add(in(StateDocument.PARENTS, filter.parents()));
    }
  }

  // ---- the page ----

  /** Fills the page; whether nothing is left after it. */
  private boolean take(PositionCursor states, PositionCursor left) throws StoreException {
    long position = Math.min(states.position(), left.position());
    while (position != PositionCursor.END && take(states, left, position)) {
      if (states.position() == position) {
        states.next();
      }
      if (left.position() == position) {
        left.next();
      }
      position = Math.min(states.position(), left.position());
    }
    return position == PositionCursor.END;
  }

  /** Takes what stands at a position; false when it does not fit the page any more. */
  private boolean take(PositionCursor states, PositionCursor left, long position)
      throws StoreException {
    if (states.position() == position) {
      Document state = states.document();
      return add(state, position, state.getLong(StateDocument.MILLIS));
    }
    Document gone = left.document();
    return add(presentState(gone, position), position, gone.getLong(LeftDocument.MILLIS));
  }

  private Document presentState(Document gone, long position) throws StoreException {
    Document state =
        database.objects.find(snapshot, eq("_id", gone.get(LeftDocument.OBJECT))).first();
    if (state == null) {
      throw new StoreException.Damaged(
          "the states lack the object that left a parent at sequence " + position, null);
    }
    return state;
  }

  /** Adds a frame; false when it does not fit the page any more. */
  private boolean add(Document state, long position, long millis) {
    byte[] frame = StateDocument.frame(state);
    if (!page.fits(frame.length)) {
      return false;
    }
    Frame.putId(frame, 0, Math.max(millis / 1000, read.since()), incarnation, position);
    if (Frame.kind(frame, 0) != OperationKind.DELETE) {
      Frame.putKind(frame, 0, OperationKind.INSERT);
    }
    page.add(frame, 0, frame.length);
    through = position;
    throughMillis = millis;
    return true;
  }
}
