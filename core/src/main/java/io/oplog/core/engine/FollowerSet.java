package io.oplog.core.engine;

import java.util.Arrays;

/**
 * Followers that asked for the same key; mostly one. Each keeps its places in the sets of all its
 * keys, so that it leaves without a search however many are here. Confined to one event loop.
 */
final class FollowerSet {
  private Follower[] followers = new Follower[1];

  /** Which of the follower's keys this set is. */
  private int[] ordinals = new int[1];

  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** Adds a follower, whose key number {@code ordinal} this set is. */
  void add(Follower follower, int ordinal) {
    if (size == followers.length) {
      followers = Arrays.copyOf(followers, size * 2);
      ordinals = Arrays.copyOf(ordinals, size * 2);
    }
    put(size++, follower, ordinal);
  }

  private void put(int at, Follower follower, int ordinal) {
    followers[at] = follower;
    ordinals[at] = ordinal;
    follower.indexPlaces[ordinal] = at;
  }

  /** Takes a follower away that is here. The order of the others may change. */
  @SuppressWarnings("NullAway") // slots past the size are empty
  void remove(Follower follower, int ordinal) {
    size--;
    put(follower.indexPlaces[ordinal], followers[size], ordinals[size]);
    followers[size] = null;
  }

  void selectAll(Selection selection, int start, int end) {
    for (int i = 0; i < size; i++) {
      selection.add(followers[i], start, end);
    }
  }

  void selectMatching(Selection selection, byte[] heap, int start, int end) {
    for (int i = 0; i < size; i++) {
      if (followers[i].filter().matches(heap, start)) {
        selection.add(followers[i], start, end);
      }
    }
  }
}
