package io.oplog.store.mongodb;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The newest blocks that were not folded when this process came to know them, so that the fold need
 * not read them again. Thread-safe.
 */
final class Unfolded {
  private static final long MOST_BYTES = 4 << 20;

  private final Deque<Block> blocks = new ArrayDeque<>();
  private long bytes;

  /** The next block of the chain; when there are too many, all before it are forgotten. */
  synchronized void add(Block block) {
    boolean follows = !blocks.isEmpty() && block.number() == blocks.getLast().number() + 1;
    if (!follows || bytes + block.frames().length() > MOST_BYTES) {
      blocks.clear();
      bytes = 0;
    }
    blocks.add(block);
    bytes += block.frames().length();
  }

  /** The fold has come to the end of a block. */
  synchronized void folded(long number) {
    while (!blocks.isEmpty() && blocks.getFirst().number() <= number) {
      bytes -= blocks.removeFirst().frames().length();
    }
  }

  /** Blocks from the one after a number on; none when that is not known here. */
  synchronized List<Block> after(long number) {
    boolean known = !blocks.isEmpty() && blocks.getFirst().number() <= number + 1;
    return known ? blocks.stream().filter(block -> block.number() > number).toList() : List.of();
  }
}
