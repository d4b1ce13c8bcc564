package io.oplog.core.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The live followers of a group: those without a filter one after the other, the others found
 * through {@link LiveIndex}. Confined to one event loop.
 */
final class LiveFollowers {
  private final LiveIndex index = new LiveIndex();
  private final Selection selection = new Selection();
  private Follower[] unfiltered = new Follower[16];
  private int unfilteredCount;
  private int count;

  int count() {
    return count;
  }

  void add(Follower follower) {
    count++;
    if (!follower.filter().isAll()) {
      index.add(follower);
      return;
    }
    if (unfilteredCount == unfiltered.length) {
      unfiltered = Arrays.copyOf(unfiltered, unfilteredCount * 2);
    }
    follower.liveIndex = unfilteredCount;
    unfiltered[unfilteredCount++] = follower;
  }

  void remove(Follower follower) {
    count--;
    if (follower.filter().isAll()) {
      removeUnfiltered(follower.liveIndex);
    } else {
      index.remove(follower);
    }
  }

  @SuppressWarnings("NullAway") // slots past the count are empty
  private void removeUnfiltered(int at) {
    Follower moved = unfiltered[--unfilteredCount];
    unfiltered[at] = moved;
    moved.liveIndex = at;
    unfiltered[unfilteredCount] = null;
  }

  /**
   * Writes a round to everybody who asked for something in it. Who does not take all leaves, and
   * counts for itself what it took.
   *
   * @return how many frames the others took
   */
  int deliver(Round round) {
    int sent = deliverToUnfiltered(round);
    if (!index.isEmpty()) {
      selection.clear();
      index.select(round, selection);
      sent += selection.deliver(round);
    }
    return sent;
  }

  /** From the end, for one that leaves gives its slot to the last. */
  private int deliverToUnfiltered(Round round) {
    int sent = 0;
    for (int i = unfilteredCount - 1; i >= 0; i--) {
      Follower follower = unfiltered[i];
      ByteBuffer bytes = round.slice(0, round.length());
      if (follower.writeLive(bytes)) {
        sent += round.count();
      } else {
        follower.cut(round, bytes.position());
      }
    }
    return sent;
  }
}
