package io.oplog.protocol;

import java.util.List;
import java.util.Objects;

/**
 * One insert, update or delete notice for an object. The object itself is never part of it.
 *
 * @param kind what happened
 * @param type the object's type, lower case, never empty, without {@code /}, {@code ,} and control
 *     characters
 * @param id the object's id within its type, never empty, case kept
 * @param parents what the object can be found by in a filter, in the producer's order
 * @param timestampMillis when it happened, milliseconds since the epoch, years 0000 to 9999 in UTC
 */
public record Operation(
    OperationKind kind, String type, String id, List<String> parents, long timestampMillis) {

  /**
   * Checks what a server cannot tell from something else.
   *
   * @throws IllegalArgumentException when the time is out of range
   */
  public Operation {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(id, "id");
    parents = List.copyOf(parents);
    if (timestampMillis < Rfc3339.MIN_MILLIS || timestampMillis > Rfc3339.MAX_MILLIS) {
      throw new IllegalArgumentException(
          "not milliseconds since the epoch, in the years 0000 to 9999: timestampMillis="
              + timestampMillis);
    }
  }

  /** An object was made, now. */
  public static Operation insert(String type, String id, String... parents) {
    return now(OperationKind.INSERT, type, id, parents);
  }

  /** An object was changed, now. */
  public static Operation update(String type, String id, String... parents) {
    return now(OperationKind.UPDATE, type, id, parents);
  }

  /** An object was deleted, now. */
  public static Operation delete(String type, String id, String... parents) {
    return now(OperationKind.DELETE, type, id, parents);
  }

  private static Operation now(OperationKind kind, String type, String id, String... parents) {
    return new Operation(kind, type, id, List.of(parents), System.currentTimeMillis());
  }
}
