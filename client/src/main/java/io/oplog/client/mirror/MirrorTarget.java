package io.oplog.client.mirror;

import java.util.List;
import java.util.Optional;

/**
 * Where a mirror keeps its objects. Used by one thread.
 *
 * @param <T> an object
 */
public interface MirrorTarget<T> {

  /** What the last {@link #commit} kept; empty before there was one. */
  Optional<String> load() throws Exception;

  /**
   * Makes changes in their order, and keeps the checkpoint after them, all together or nothing: in
   * one transaction, where there are such.
   *
   * @param changes none where the checkpoint alone moves on
   */
  void commit(List<MirrorChange<T>> changes, String checkpoint) throws Exception;
}
