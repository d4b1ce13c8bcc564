package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ObjectSetTest {
  @Test
  void whatWasAddedIsThereAndNothingElse() {
    ObjectSet set = new ObjectSet(100_000);
    long[] hashes = new Random(1).longs(100_000).toArray();
    assertThat(LongStream.of(hashes).allMatch(set::add)).isTrue();
    assertThat(LongStream.of(hashes).allMatch(set::contains)).isTrue();
    assertThat(new Random(2).longs(100_000).noneMatch(set::contains)).isTrue();
  }

  @Test
  void zeroIsAHashLikeOthers() {
    ObjectSet set = new ObjectSet(10);
    assertThat(set.contains(0)).isFalse();
    assertThat(set.add(0)).isTrue();
    assertThat(set.contains(0)).isTrue();
  }

  @Test
  void thereIsRoomForSoManyAndForWhatIsThereAlready() {
    ObjectSet set = new ObjectSet(1);
    assertThat(set.add(1)).isTrue();
    assertThat(set.add(2)).isFalse();
    assertThat(set.contains(2)).isFalse();
    assertThat(set.add(1)).isTrue();
  }
}
