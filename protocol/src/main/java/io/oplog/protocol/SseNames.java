package io.oplog.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Keeps the last few names of events, so that a stream does not make a new string for each. */
final class SseNames {
  private static final int SLOTS = 8;

  private final byte[][] raw = new byte[SLOTS][];
  private final @Nullable String[] names = new String[SLOTS];

  SseNames() {
    Arrays.fill(raw, new byte[0]);
  }

  String of(byte[] bytes, int from, int to) {
    int slot = from == to ? 0 : (bytes[from] ^ (to - from)) & (SLOTS - 1);
    String known = names[slot];
    if (known != null && Arrays.equals(raw[slot], 0, raw[slot].length, bytes, from, to)) {
      return known;
    }
    String name = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    raw[slot] = Arrays.copyOfRange(bytes, from, to);
    names[slot] = name;
    return name;
  }
}
