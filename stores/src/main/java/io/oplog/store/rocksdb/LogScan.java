package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** Walks the blocks of the log and makes sure that they follow each other without a hole. */
final class LogScan implements AutoCloseable {
  private final RocksIterator iterator;
  private final long head;
  private long next;

  /**
   * @param from the sequence that the first block holds
   * @param head where the log ends
   */
  LogScan(Database.View log, long from, long head) {
    this.iterator = log.db().newIterator(log.of(Family.LOG));
    this.head = head;
    this.next = from;
    iterator.seekForPrev(Bytes.key(from));
  }

  /**
   * The block that holds the next sequence, or null past the head.
   *
   * @throws StoreException.Damaged when the log has a hole here
   */
  @Nullable LogBlock next() throws StoreException.Damaged, RocksDBException {
    if (next > head) {
      return null;
    }
    LogBlock block = current();
    if (block == null || block.first() > next || block.last() < next) {
      throw Damage.of("the log has a hole at sequence " + next);
    }
    next = block.last() + 1;
    iterator.next();
    return block;
  }

  private @Nullable LogBlock current() throws StoreException.Damaged, RocksDBException {
    if (!iterator.isValid()) {
      iterator.status();
      return null;
    }
    return LogBlock.parse(Bytes.getLong(iterator.key(), 0), iterator.value());
  }

  @Override
  public void close() {
    iterator.close();
  }
}
