package io.oplog.core.engine;

import java.util.Arrays;

/** A few followers that asked for the same thing; mostly one. Confined to one event loop. */
final class FollowerSet {
  private Follower[] followers = new Follower[1];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void add(Follower follower) {
    if (size == followers.length) {
      followers = Arrays.copyOf(followers, size * 2);
    }
    followers[size++] = follower;
  }

  /** Whether it was there. The order of the others may change. */
  @SuppressWarnings("NullAway") // slots past the size are empty
  boolean remove(Follower follower) {
    for (int i = 0; i < size; i++) {
      if (followers[i] == follower) {
        followers[i] = followers[--size];
        followers[size] = null;
        return true;
      }
    }
    return false;
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
