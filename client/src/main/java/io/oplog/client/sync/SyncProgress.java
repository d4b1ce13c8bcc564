package io.oplog.client.sync;

/** Hears how far a run is, often; called on its thread. */
public interface SyncProgress {
  /** Says nothing. */
  SyncProgress SILENT = new SyncProgress() {};

  /** What a run does: a sync the first four, a dump the second and the last. */
  enum Phase {
    READING,
    REPLICATING,
    COMPARING,
    SENDING,
    WRITING
  }

  /**
   * So much of a phase is done.
   *
   * @param done lines, states, objects or operations
   * @param of all of them, 0 where that is not known
   */
  default void reached(Phase phase, long done, long of) {}

  /** Something that an operator should know. */
  default void note(String text) {}
}
