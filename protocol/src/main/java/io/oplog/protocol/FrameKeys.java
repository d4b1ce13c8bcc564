package io.oplog.protocol;

import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An immutable set of keys that is asked with bare bytes, without an object for the question. */
final class FrameKeys {
  private final Set<FrameKey> keys;
  private final @Nullable FrameKey[] table;

  FrameKeys(Collection<String> texts) {
    this.keys = texts.stream().map(FrameKey::of).collect(Collectors.toUnmodifiableSet());
    this.table = new FrameKey[Integer.highestOneBit(Math.max(keys.size(), 1)) * 4];
    keys.forEach(this::insert);
  }

  private void insert(FrameKey key) {
    int slot = slotOf(key.hashCode());
    while (table[slot] != null) {
      slot = slotOf(slot + 1);
    }
    table[slot] = key;
  }

  private int slotOf(int hash) {
    return hash & (table.length - 1);
  }

  boolean contains(byte[] bytes, int from, int to) {
    int slot = slotOf(FrameKey.hash(bytes, from, to));
    for (FrameKey key = table[slot]; key != null; key = table[slot]) {
      if (key.isAt(bytes, from, to)) {
        return true;
      }
      slot = slotOf(slot + 1);
    }
    return false;
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  Set<FrameKey> asSet() {
    return keys;
  }
}
