package io.oplog.store.rocksdb;

import io.oplog.core.store.Bounds;
import io.oplog.core.store.Bounds.Floor;
import io.oplog.core.store.LiveBounds;
import io.oplog.core.store.PageBuilder;
import io.oplog.core.store.StatePage;
import io.oplog.core.store.StateRead;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Frame;
import io.oplog.protocol.OperationKind;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;

/**
 * Reads one page of states on one snapshot: the states and the records of left parents, merged by
 * their positions. Used for one page.
 */
final class StateReader implements AutoCloseable {
  /** A filter that matches little still comes back now and then with a position. */
  private static final int MOST_SCANNED = 20_000;

  private static final int MOST_SCANNED_BYTES = 4 << 20;

  private final Database.View view;
  private final StateRead read;
  private final int incarnation;
  private final ReadOptions options;
  private final States.Fold fold;
  private final PageBuilder page;
  private final PositionCursor states;
  private final @Nullable PositionCursor left;
  private long through;
  private long throughMillis;
  private int scanned;
  private long scannedBytes;

  StateReader(
      Database.View view, ReadOptions options, StateRead read, int incarnation, States.Fold fold) {
    this.view = view;
    this.options = options;
    this.read = read;
    this.incarnation = incarnation;
    this.fold = fold;
    this.page = new PageBuilder(read.maxBytes());
    this.through = read.after();
    this.states = new PositionCursor(view, options, Family.STATES);
    this.left = read.filter().hasParents() ? new PositionCursor(view, options, Family.LEFT) : null;
  }

  /** A page of the states as they are now. */
  static StatePage read(States states, LiveBounds bounds, int incarnation, StateRead read)
      throws StoreException {
    return states.use(view -> {
      Bounds before = bounds.now();
      try (SnapshotRead snapshot = new SnapshotRead(view)) {
        return read(view, snapshot.options(), before, incarnation, read);
      }
    });
  }

  private static StatePage read(
      Database.View view, ReadOptions options, Bounds before, int incarnation, StateRead read)
      throws RocksDBException, StoreException {
    Floor floor = States.floor(view.get(Family.STATE_META, options, States.FLOOR));
    if (floor.passedBy(read)) {
      return new StatePage.FloorPassed();
    }
    byte[] stored = view.get(Family.STATE_META, options, States.FOLD);
    States.Fold fold = States.decodeFold(stored, before.foldedMillis());
    if (!read.relyOn(fold.sequence(), fold.millis() / 1000, before.head())) {
      return new StatePage.FoldBehind(fold.sequence());
    }
    try (StateReader reader = new StateReader(view, options, read, incarnation, fold)) {
      return reader.page();
    }
  }

  private StatePage page() throws RocksDBException, StoreException {
    seek(states, StateReader::millisOfState);
    if (left != null) {
      seek(left, StateReader::millisOfLeft);
    }
    boolean whole = take();
    if (whole) {
      long end = Math.max(read.after(), fold.sequence());
      return new StatePage.Read(page.take(), end, fold.millis() / 1000, true);
    }
    return new StatePage.Read(page.take(), through, throughMillis / 1000, false);
  }

  private void seek(PositionCursor cursor, PositionCursor.Millis millis) throws RocksDBException {
    long from = read.after() + 1;
    if (read.committedFromMillis() > 0) {
      from = cursor.firstCommittedFrom(read.committedFromMillis(), from, fold.sequence(), millis);
    }
    cursor.seek(from);
  }

  private static long millisOfState(byte[] value, int length) {
    return Bytes.getLong(value, length - StateRecord.MILLIS);
  }

  private static long millisOfLeft(byte[] value, int length) {
    return Bytes.getLong(value, 0);
  }

  /** Fills the page; whether nothing is left after it. */
  private boolean take() throws RocksDBException, StoreException {
    boolean fits = true;
    while (fits && scanned < MOST_SCANNED && scannedBytes < MOST_SCANNED_BYTES) {
      long position = nextPosition();
      if (position == PositionCursor.END) {
        return true;
      }
      fits = takeAt(position);
    }
    return false;
  }

  private long nextPosition() {
    return left == null ? states.position() : Math.min(states.position(), left.position());
  }

  /** Takes what stands at a position; false when it does not fit the page any more. */
  private boolean takeAt(long position) throws RocksDBException, StoreException {
    boolean fits = true;
    long millis = 0;
    boolean taken = false;
    if (states.position() == position) {
      int length = states.valueInto(page);
      millis = millisOfState(page.bytes(), page.length() + length);
      int frame = length - StateRecord.MILLIS;
      scannedBytes += length;
      if (isWanted(position, millis)) {
        fits = page.fits(frame);
        taken = true;
        if (fits) {
          addPatched(frame, position, millis);
        }
      }
    }
    if (left != null && left.position() == position) {
      byte[] value = left.value();
      millis = Bytes.getLong(value, 0);
      scannedBytes += value.length;
      if (!taken && read.countsAsDelete(position, millis / 1000)) {
        fits = takeLeft(new LeftRecord(value), position, millis);
      }
    }
    if (!fits) {
      return false;
    }
    moveOn(position, millis);
    return true;
  }

  private void moveOn(long position, long millis) throws RocksDBException {
    if (states.position() == position) {
      states.next();
    }
    if (left != null && left.position() == position) {
      left.next();
    }
    through = position;
    throughMillis = millis;
    scanned++;
  }

  /** Whether the state that lies after the page's end is asked for. */
  private boolean isWanted(long position, long millis) {
    byte[] bytes = page.bytes();
    int at = page.length();
    return (read.tombstones()
            || Frame.kind(bytes, at) != OperationKind.DELETE
            || read.countsAsDelete(position, millis / 1000))
        && read.filter().matches(bytes, at);
  }

  private void addPatched(int frameLength, long position, long millis) {
    byte[] bytes = page.bytes();
    int at = page.length();
    Frame.putId(bytes, at, Math.max(millis / 1000, read.since()), incarnation, position);
    if (Frame.kind(bytes, at) != OperationKind.DELETE) {
      Frame.putKind(bytes, at, OperationKind.INSERT);
    }
    page.added(frameLength);
  }

  private boolean takeLeft(LeftRecord record, long position, long millis)
      throws RocksDBException, StoreException {
    if (!record.matches(read.filter())) {
      return true;
    }
    byte[] state = presentState(record, position);
    int frame = state.length - StateRecord.MILLIS;
    if (!page.fits(frame)) {
      return false;
    }
    page.ensure(frame);
    System.arraycopy(state, 0, page.bytes(), page.length(), frame);
    addPatched(frame, position, millis);
    return true;
  }

  private byte[] presentState(LeftRecord record, long position)
      throws RocksDBException, StoreException {
    byte[] object = view.get(Family.OBJECTS, options, record.key());
    byte[] state =
        object == null
            ? null
            : view.get(Family.STATES, options, Bytes.key(Bytes.getLong(object, 0)));
    if (state == null) {
      throw Damage.of("the states lack the object that left a parent at sequence " + position);
    }
    return state;
  }

  @Override
  public void close() {
    states.close();
    if (left != null) {
      left.close();
    }
  }
}
