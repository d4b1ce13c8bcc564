package io.oplog.store.rocksdb;

import io.oplog.core.store.PageBuilder;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Walks a family whose keys are positions. */
final class PositionCursor implements AutoCloseable {
  /** The position after the last one. */
  static final long END = Long.MAX_VALUE;

  private final RocksIterator iterator;
  private final byte[] key = new byte[Long.BYTES];
  private long position = END;

  /** Finds the commit time in a value of {@code length} bytes at the start of an array. */
  interface Millis {
    long in(byte[] value, int length);
  }

  PositionCursor(Database.View view, ReadOptions options, Family family) {
    this.iterator = view.db().newIterator(view.of(family), options);
  }

  void seek(long from) throws RocksDBException {
    Bytes.putLong(key, 0, from);
    iterator.seek(key);
    look();
  }

  void next() throws RocksDBException {
    iterator.next();
    look();
  }

  private void look() throws RocksDBException {
    if (iterator.isValid()) {
      iterator.key(key);
      position = Bytes.getLong(key, 0);
    } else {
      iterator.status();
      position = END;
    }
  }

  /** Where the cursor stands; {@link #END} past the last. */
  long position() {
    return position;
  }

  byte[] value() {
    return iterator.value();
  }

  /** Copies the value behind the page's end and returns its length; the page does not count it. */
  int valueInto(PageBuilder page) {
    int room = page.bytes().length - page.length();
    int length = iterator.value(page.bytes(), page.length(), room);
    if (length > room) {
      page.ensure(length);
      iterator.value(page.bytes(), page.length(), length);
    }
    return length;
  }

  /** The first position from {@code from} to {@code to} that was committed then or later. */
  long firstCommittedFrom(long millis, long from, long to, Millis at) throws RocksDBException {
    long low = from;
    long high = Math.max(from, to + 1);
    while (low < high) {
      long middle = (low + high) >>> 1;
      seek(middle);
      if (position > to || committed(at) >= millis) {
        high = middle;
      } else {
        low = position + 1;
      }
    }
    return low;
  }

  private long committed(Millis at) {
    byte[] value = iterator.value();
    return at.in(value, value.length);
  }

  @Override
  public void close() {
    iterator.close();
  }
}
