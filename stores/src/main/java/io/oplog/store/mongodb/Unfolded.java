package io.oplog.store.mongodb;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The newest blocks that were not folded when this process came to know them, so that the fold need
 * not read them again. Thread-safe.
 */
final class Unfolded {
  private static final long MOST_BYTES = 4 << 20;

  /** What a block takes beside its frames and the texts of its moves, about. */
  private static final long BLOCK_BYTES = 500;

  private final Deque<Block> blocks = new ArrayDeque<>();
  private long bytes;

  /** The next block of the chain; when there are too many, all before it are forgotten. */
  synchronized void add(Block block) {
    boolean follows = !blocks.isEmpty() && block.number() == blocks.getLast().number() + 1;
    if (!follows || bytes + size(block) > MOST_BYTES) {
      blocks.clear();
      bytes = 0;
    }
    blocks.add(block);
    bytes += size(block);
  }

  private static long size(Block block) {
    long moves = 0;
    for (Map.Entry<String, String> move : block.moves().entrySet()) {
      moves += move.getKey().length() + move.getValue().length();
    }
    return BLOCK_BYTES + block.frames().length() + moves;
  }

  /** The fold has come to the end of a block. */
  synchronized void folded(long number) {
    while (!blocks.isEmpty() && blocks.getFirst().number() <= number) {
      bytes -= size(blocks.removeFirst());
    }
  }

  /** Blocks from the one after a number on; none when that is not known here. */
  synchronized List<Block> after(long number) {
    boolean known = !blocks.isEmpty() && blocks.getFirst().number() <= number + 1;
    return known ? blocks.stream().filter(block -> block.number() > number).toList() : List.of();
  }
}
