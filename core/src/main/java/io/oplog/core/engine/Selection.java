package io.oplog.core.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Which frames of a round each matching follower gets: chains of byte ranges in shared arrays, so
 * that a match allocates nothing. Neighbouring frames become one range. Confined to one event loop.
 */
final class Selection {
  private static final int NONE = -1;

  private int[] from = new int[1024];
  private int[] to = new int[1024];
  private int[] next = new int[1024];
  private int ranges;
  private Follower[] followers = new Follower[256];
  private int touched;
  private ByteBuffer gathered = ByteBuffer.allocateDirect(Round.CAPACITY);

  void clear() {
    ranges = 0;
    touched = 0;
  }

  /** Adds the frame at {@code start} to what the follower gets; a second time does nothing. */
  void add(Follower follower, int start, int end) {
    int last = follower.lastRange;
    if (last == NONE) {
      touch(follower);
      follower.firstRange = newRange(start, end);
      follower.lastRange = follower.firstRange;
      follower.selected = 1;
    } else if (to[last] != end) {
      extend(follower, last, start, end);
      follower.selected++;
    }
  }

  private void extend(Follower follower, int last, int start, int end) {
    if (to[last] == start) {
      to[last] = end;
    } else {
      int added = newRange(start, end); // first, for it may put another array in the place of next
      next[last] = added;
      follower.lastRange = added;
    }
  }

  private void touch(Follower follower) {
    if (touched == followers.length) {
      followers = Arrays.copyOf(followers, touched * 2);
    }
    followers[touched++] = follower;
  }

  private int newRange(int start, int end) {
    if (ranges == from.length) {
      from = Arrays.copyOf(from, ranges * 2);
      to = Arrays.copyOf(to, ranges * 2);
      next = Arrays.copyOf(next, ranges * 2);
    }
    from[ranges] = start;
    to[ranges] = end;
    next[ranges] = NONE;
    return ranges++;
  }

  /**
   * Writes to every follower that something was added for.
   *
   * @return how many frames were handed to connections whole; one that was cut counts for itself
   */
  int deliver(Round round) {
    int sent = 0;
    for (int i = 0; i < touched; i++) {
      Follower follower = followers[i];
      sent += deliver(round, follower) ? follower.selected : 0;
      follower.firstRange = NONE;
      follower.lastRange = NONE;
    }
    Arrays.fill(followers, 0, touched, null);
    return sent;
  }

  private boolean deliver(Round round, Follower follower) {
    int first = follower.firstRange;
    ByteBuffer bytes =
        next[first] == NONE ? round.slice(from[first], to[first]) : gather(round, first);
    int before = bytes.position();
    boolean all = follower.writeLive(bytes);
    if (!all) {
      follower.cut(round, offsetOf(first, bytes.position() - before));
    }
    return all;
  }

  private ByteBuffer gather(Round round, int first) {
    if (gathered.capacity() < round.length()) {
      gathered = ByteBuffer.allocateDirect(round.length());
    }
    gathered.clear();
    for (int range = first; range != NONE; range = next[range]) {
      gathered.put(round.heap(), from[range], to[range] - from[range]);
    }
    return gathered.flip();
  }

  /** Where in the round the byte after {@code taken} bytes of a chain lies. */
  private int offsetOf(int first, int taken) {
    int left = taken;
    int range = first;
    while (left > to[range] - from[range]) {
      left -= to[range] - from[range];
      range = next[range];
    }
    return from[range] + left;
  }
}
