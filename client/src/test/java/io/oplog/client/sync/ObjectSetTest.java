package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ObjectSetTest {
  @Test
  void whatWasAddedIsThereAndNothingElse() throws Exception {
    ObjectSet set = new ObjectSet(100_000);
    long[] hashes = new Random(1).longs(100_000).toArray();
    for (long hash : hashes) {
      set.add(hash);
    }
    set.add(hashes[5]); // there already, so not too many
    assertThat(LongStream.of(hashes).allMatch(set::contains)).isTrue();
    assertThat(new Random(2).longs(100_000).noneMatch(set::contains)).isTrue();
  }

  @Test
  void zeroIsAHashLikeOthers() throws Exception {
    ObjectSet set = new ObjectSet(10);
    assertThat(set.contains(0)).isFalse();
    set.add(0);
    assertThat(set.contains(0)).isTrue();
  }

  @Test
  void tooManyAreRefusedWithTheLimit() throws Exception {
    ObjectSet set = new ObjectSet(1);
    set.add(1);
    assertThatThrownBy(() -> set.add(2))
        .isInstanceOf(TryAgainException.class)
        .hasMessage("more than 1 objects changed during the run; run again");
  }
}
