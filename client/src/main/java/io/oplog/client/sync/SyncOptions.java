package io.oplog.client.sync;

import java.util.OptionalLong;
import java.util.Set;

/**
 * How a dump is compared and what is sent.
 *
 * @param types the types that are compared, in lower case; empty for those that the dump has
 * @param dumpedAt when the dump was begun, in milliseconds since the epoch; empty for the moment
 *     that it is begun to be read
 * @param maxDeletes more are refused
 * @param allowEmpty whether a dump without an object is believed
 * @param batch most operations sent at once, at least 1
 */
public record SyncOptions(
    Set<String> types,
    OptionalLong dumpedAt,
    DeleteLimit maxDeletes,
    boolean allowEmpty,
    int batch) {

  public SyncOptions {
    types = Set.copyOf(types);
    if (batch < 1) {
      throw new IllegalArgumentException("must be >= 1: batch=" + batch);
    }
  }

  /** As the command has it. */
  public static SyncOptions defaults() {
    return new SyncOptions(Set.of(), OptionalLong.empty(), DeleteLimit.parse("1%"), false, 10_000);
  }
}
