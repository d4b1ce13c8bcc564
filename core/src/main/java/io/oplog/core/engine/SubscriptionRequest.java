package io.oplog.core.engine;

import io.oplog.protocol.Cursor;
import io.oplog.protocol.Filter;
import java.util.Set;

/**
 * What a consumer asks for when it connects.
 *
 * @param filter the types and parents it wants
 * @param cursor where it starts
 * @param progress whether it wants {@code progress} events
 * @param tombstones whether states bring every tombstone that is kept, however old
 */
public record SubscriptionRequest(
    Filter filter, Cursor cursor, boolean progress, boolean tombstones) {
  /** Of one type or parent: two strings, two keys, and its places in sets and in the live index. */
  private static final int BYTES_A_VALUE = 256;

  /** What an ordinary consumer asks for. */
  public SubscriptionRequest(Filter filter, Cursor cursor, boolean progress) {
    this(filter, cursor, progress, false);
  }

  /** About how many bytes of memory the filter takes while the stream is open. */
  public long filterBytes() {
    return bytes(filter.types()) + bytes(filter.parents());
  }

  private static long bytes(Set<String> values) {
    return values.stream().mapToLong(value -> BYTES_A_VALUE + 2L * value.length()).sum();
  }
}
