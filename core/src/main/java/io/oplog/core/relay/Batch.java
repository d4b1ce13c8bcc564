package io.oplog.core.relay;

import io.oplog.protocol.Operation;
import java.util.List;

/**
 * Operations of a source that follow each other.
 *
 * @param operations in their order, at least one
 * @param to the source's position after the last one: a token of visible ASCII characters without
 *     {@code ;} and {@code ,}
 */
public record Batch(List<Operation> operations, String to) {
  public Batch {
    operations = List.copyOf(operations);
  }
}
