package io.oplog.client.sync;

import io.oplog.protocol.EventId;
import java.util.SortedMap;

/**
 * What a run found and did.
 *
 * @param types objects by type; of a comparison alone, what would be sent
 * @param repeated operations of others that were sent again, since ours came after them
 * @param age how old the dump is taken to be, in milliseconds since the epoch
 * @param position the log's position that this stands for
 */
public record Report(SortedMap<String, Counts> types, long repeated, long age, EventId position) {

  /**
   * Objects.
   *
   * @param leftAlone the log knows them newer than the dump, or they changed meanwhile
   * @param refused the server refuses one of their operations, so they were left out
   */
  public record Counts(
      long inserted, long updated, long deleted, long leftAlone, long same, long refused) {

    Counts plus(Counts more) {
      return new Counts(
          inserted + more.inserted,
          updated + more.updated,
          deleted + more.deleted,
          leftAlone + more.leftAlone,
          same + more.same,
          refused + more.refused);
    }
  }

  /** Of all types. */
  public Counts total() {
    return types.values().stream().reduce(new Counts(0, 0, 0, 0, 0, 0), Counts::plus);
  }
}
