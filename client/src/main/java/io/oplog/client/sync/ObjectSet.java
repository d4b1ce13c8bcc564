package io.oplog.client.sync;

/**
 * Objects by a hash of 64 bits, so that two may be taken for one. Grows to a bound.
 * Thread-confined.
 */
final class ObjectSet {
  private final int most;
  private long[] slots = new long[1024];
  private int count;

  /** Empty; holds at most so many. */
  ObjectSet(int most) {
    this.most = most;
  }

  /** Adds an object; false when there is no room for it. */
  boolean add(long hash) {
    int at = find(slots, nonZero(hash));
    if (slots[at] != 0) {
      return true;
    }
    if (count == most) {
      return false;
    }
    slots[at] = nonZero(hash);
    count++;
    if (count > slots.length / 2) {
      grow();
    }
    return true;
  }

  boolean contains(long hash) {
    return slots[find(slots, nonZero(hash))] != 0;
  }

  private static long nonZero(long hash) {
    return hash == 0 ? 1 : hash;
  }

  /** Where it is, or would be. */
  private static int find(long[] slots, long hash) {
    int at = (int) hash & (slots.length - 1);
    while (slots[at] != 0 && slots[at] != hash) {
      at = (at + 1) & (slots.length - 1);
    }
    return at;
  }

  private void grow() {
    long[] larger = new long[2 * slots.length];
    for (long hash : slots) {
      if (hash != 0) {
        larger[find(larger, hash)] = hash;
      }
    }
    slots = larger;
  }
}
