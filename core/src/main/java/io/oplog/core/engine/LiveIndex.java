package io.oplog.core.engine;

import io.oplog.protocol.FrameFields;
import io.oplog.protocol.FrameKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Live followers by what they asked for, so that an operation costs only those it matches. One that
 * asked for parents is found by them, one that asked for types alone by these. Confined to one
 * event loop.
 */
final class LiveIndex {
  private final Map<FrameKey, FollowerSet> byType = new HashMap<>();
  private final Map<FrameKey, FollowerSet> byParent = new HashMap<>();
  private final FrameFields fields = new FrameFields();
  private final FrameKey probe = FrameKey.probe();

  boolean isEmpty() {
    return byType.isEmpty() && byParent.isEmpty();
  }

  void add(Follower follower) {
    Map<FrameKey, FollowerSet> map = mapOf(follower);
    Set<FrameKey> keys = keysOf(follower);
    follower.indexPlaces = new int[keys.size()];
    int ordinal = 0;
    for (FrameKey key : keys) {
      map.computeIfAbsent(key, k -> new FollowerSet()).add(follower, ordinal++);
    }
  }

  void remove(Follower follower) {
    Map<FrameKey, FollowerSet> map = mapOf(follower);
    int ordinal = 0;
    for (FrameKey key : keysOf(follower)) {
      FollowerSet set = Objects.requireNonNull(map.get(key));
      set.remove(follower, ordinal++);
      if (set.isEmpty()) {
        map.remove(key);
      }
    }
  }

  private Map<FrameKey, FollowerSet> mapOf(Follower follower) {
    return follower.filter().hasParents() ? byParent : byType;
  }

  private static Set<FrameKey> keysOf(Follower follower) {
    return follower.filter().hasParents() ? follower.filter().parents() : follower.filter().types();
  }

  /** Selects for each follower the frames of the round that it asked for. */
  void select(Round round, Selection selection) {
    for (int i = 0; i < round.count(); i++) {
      select(round.heap(), round.start(i), round.end(i), selection);
    }
  }

  private void select(byte[] heap, int start, int end, Selection selection) {
    fields.reset(heap, start, end);
    if (!byParent.isEmpty()) {
      selectByParents(heap, start, end, selection);
    }
    if (!byType.isEmpty()) {
      probe.reset(heap, fields.typeStart(), fields.typeEnd());
      FollowerSet set = byType.get(probe);
      if (set != null) {
        set.selectAll(selection, start, end);
      }
    }
  }

  private void selectByParents(byte[] heap, int start, int end, Selection selection) {
    while (fields.nextParent()) {
      probe.reset(heap, fields.parentStart(), fields.parentEnd());
      FollowerSet set = byParent.get(probe);
      if (set != null) {
        set.selectMatching(selection, heap, start, end);
      }
    }
  }
}
