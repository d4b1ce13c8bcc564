package io.oplog.client.mirror;

import java.util.List;

/**
 * What a mirror has to change.
 *
 * @param <T> an object
 */
public sealed interface MirrorChange<T> {

  /**
   * The object exists, and is this.
   *
   * @param generation to be kept with it: a number that counts up with each reset
   */
  record Put<T>(String type, String id, List<String> parents, T object, long generation)
      implements MirrorChange<T> {
    public Put {
      parents = List.copyOf(parents);
    }
  }

  /** The object is no more, or no longer the mirror's. It may not be there. */
  record Remove<T>(String type, String id) implements MirrorChange<T> {}

  /** All objects that the mirror holds with an earlier generation are no more. */
  record RemoveOlder<T>(long generation) implements MirrorChange<T> {}
}
