package io.oplog.core.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * When to look at which follower again. A follower lies in one slot; turning the wheel by a tick
 * visits one slot, so time costs a group in proportion to what is due. Confined to one event loop.
 */
final class TickWheel {
  private static final int SLOTS = 64;

  private final List<List<Follower>> slots = new ArrayList<>(SLOTS);
  private int turned;

  TickWheel() {
    for (int i = 0; i < SLOTS; i++) {
      slots.add(new ArrayList<>());
    }
  }

  /** Looks at the follower at the given tick, or earlier where that is more than a turn away. */
  void add(Follower follower, int due) {
    int ahead = Math.clamp((long) due - turned, 1, SLOTS - 1);
    slots.get((turned + ahead) % SLOTS).add(follower);
  }

  /** Visits what was due up to {@code now}. */
  void turn(int now) {
    if (now - turned >= SLOTS) {
      turned = now - SLOTS + 1;
    }
    while (turned < now) {
      turned++;
      visit(turned % SLOTS);
    }
  }

  private void visit(int slot) {
    List<Follower> due = slots.set(slot, new ArrayList<>(0));
    for (Follower follower : due) {
      if (!follower.isClosed()) {
        int again = follower.tick(turned);
        if (!follower.isClosed()) {
          add(follower, again);
        }
      }
    }
  }
}
