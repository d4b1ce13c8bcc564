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
   * So much of a phase is done. A {@link java.util.concurrent.CancellationException} ends the run,
   * as well as a kill does.
   *
   * @param done lines, states, objects or operations
   * @param of all of them as far as that is known, 0 where it is not
   */
  default void reached(Phase phase, long done, long of) {}

  /**
   * A batch is in the log.
   *
   * @param ours how many operations of the difference it has
   * @param repeated how many of others, which are sent again
   */
  default void stored(int ours, int repeated) {}

  /** Something that an operator should know. */
  default void note(String text) {}
}
