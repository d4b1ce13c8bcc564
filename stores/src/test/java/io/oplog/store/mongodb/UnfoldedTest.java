package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.Frames;
import io.oplog.testkit.Operations;
import java.util.Map;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

class UnfoldedTest {
  private final Unfolded unfolded = new Unfolded();

  private static Block block(long number, Frames frames) {
    return block(number, Map.of(), frames);
  }

  private static Block block(long number, Map<String, String> moves, Frames frames) {
    Place before = new Place(number - 1, number - 1, 0, 0);
    return new Block(number, new ObjectId(), new ObjectId(), before, 0, false, moves, frames);
  }

  private void add(long number) {
    unfolded.add(block(number, Operations.frames(insert("video", "v"))));
  }

  @Test
  void whatIsNotFoldedIsGivenFromAnyPlaceThatIsKnown() {
    for (long number = 5; number <= 8; number++) {
      add(number);
    }
    assertThat(unfolded.after(4)).extracting(Block::number).containsExactly(5L, 6L, 7L, 8L);
    assertThat(unfolded.after(6)).extracting(Block::number).containsExactly(7L, 8L);
    assertThat(unfolded.after(3)).isEmpty();
    unfolded.folded(6);
    assertThat(unfolded.after(5)).isEmpty();
    assertThat(unfolded.after(6)).hasSize(2);
  }

  @Test
  void aGapForgetsWhatWasBeforeIt() {
    add(5);
    add(7);
    assertThat(unfolded.after(4)).isEmpty();
    assertThat(unfolded.after(6)).extracting(Block::number).containsExactly(7L);
  }

  @Test
  void memoryIsBounded() {
    Frames mebibyte = Operations.frames(insert("video", "v".repeat(1 << 20)));
    for (long number = 1; number <= 20; number++) {
      unfolded.add(block(number, mebibyte));
      assertThat(unfolded.after(number - 1)).hasSize(1);
      long first = number;
      while (first > 1 && !unfolded.after(first - 2).isEmpty()) {
        first--;
      }
      assertThat(number - first).isLessThan(4);
    }
  }

  @Test
  void blocksWithoutOperationsAndLongPositionsTakeMemoryToo() {
    long blocks = 10_000;
    for (long number = 1; number <= blocks; number++) {
      unfolded.add(block(number, Map.of(), Frames.NONE));
    }
    assertThat(unfolded.after(0)).isEmpty();
    assertThat(unfolded.after(blocks - 1)).hasSize(1);
    String mebibyte = "p".repeat(1 << 20);
    for (long number = blocks + 1; number <= blocks + 4; number++) {
      unfolded.add(block(number, Map.of("crm", mebibyte), Frames.NONE));
    }
    assertThat(unfolded.after(blocks)).isEmpty();
    assertThat(unfolded.after(blocks + 3)).hasSize(1);
  }
}
