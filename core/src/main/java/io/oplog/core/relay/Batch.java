package io.oplog.core.relay;

import java.util.List;

/**
 * Changes of a source that follow each other, and all that came before them; or, of a source that
 * lets some overtake others, some of those that come next.
 *
 * @param <C> what a change is: an operation, or what a database tells of a document
 * @param changes in their order; none where the position alone moves on
 * @param to the source's position after the last one, or one before which nothing is left to be
 *     handed out: a token of at most 1024 visible ASCII characters without {@code ;} and {@code ,}
 */
public record Batch<C>(List<C> changes, String to) {
  public Batch {
    changes = List.copyOf(changes);
  }
}
