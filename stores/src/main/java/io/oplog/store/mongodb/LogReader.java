package io.oplog.store.mongodb;

import io.oplog.core.store.LogPage;
import io.oplog.core.store.PageBuilder;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Frames;

/** Reads pages of operations from the blocks of the chain. Thread-safe. */
final class LogReader {
  private final BlockLog log;

  LogReader(BlockLog log) {
    this.log = log;
  }

  /**
   * The operations after a sequence that are in the log.
   *
   * @param head the last that may be in the page
   */
  LogPage page(long after, int maxBytes, long head) throws StoreException {
    Block block = log.holding(after + 1);
    if (block == null) {
      return new LogPage.Trimmed();
    }
    PageBuilder page = new PageBuilder(maxBytes);
    if (add(page, block, after + 1, head) && block.last() < head) {
      addFollowing(page, block.number(), maxBytes, head);
    }
    return new LogPage.Read(page.take());
  }

  /** Adds the blocks after one, unless that has left the log meanwhile. */
  private void addFollowing(PageBuilder page, long number, int maxBytes, long head)
      throws StoreException {
    long next = number + 1;
    for (Block block : log.after(number, maxBytes)) {
      if (block.number() != next++ || !add(page, block, block.first(), head)) {
        return;
      }
    }
  }

  /** Adds what a block has from a sequence on; whether all of it found room. */
  private static boolean add(PageBuilder page, Block block, long from, long head) {
    Frames frames = block.frames();
    for (int i = (int) (from - block.first()); i < frames.count(); i++) {
      int length = frames.ends()[i] - frames.start(i);
      if (block.first() + i > head || !page.fits(length)) {
        return false;
      }
      page.add(frames.bytes(), frames.start(i), frames.ends()[i]);
    }
    return true;
  }
}
