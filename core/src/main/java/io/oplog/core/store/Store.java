package io.oplog.core.store;

import io.oplog.protocol.EventId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A durable log of operations, and the object states that are its fold.
 *
 * <p>The log is the truth: sequences start at 1 and follow each other without a hole, commit times
 * never fall. The states follow the log at their own pace; {@link Bounds#folded} says how far they
 * are. Readers never see past the durable head.
 *
 * <p>Threading: {@link #append} and {@link #listen} are called by one thread at a time; everything
 * else by any thread, while appends go on. Reads block on the disk or the network, so an event loop
 * must not call them.
 */
public interface Store extends AutoCloseable {

  /** The history this store holds, 1 to 65535; stable until the store is wiped or restored. */
  int incarnation();

  /** What is held now, as one consistent view. Cheap: answered from memory. */
  Bounds bounds();

  /**
   * As {@link #bounds}, but no older than any id that was given out before the call, by whichever
   * process that shares the store. Reads the store where it is shared.
   */
  default Bounds latestBounds() throws StoreException {
    return bounds();
  }

  /**
   * Registers the one listener, told of commits and folds from now on. Called before the first
   * append.
   */
  void listen(StoreListener listener);

  /**
   * Appends all submissions as one batch, in their order, and returns when it is durable at the
   * store's level. Ids are put into copies of the frames; the listener has been told before this
   * returns. A submission whose source is not where it says is left out, the others are stored.
   *
   * @return one outcome for each submission, in the same order
   * @throws StoreException when nothing was acknowledged. Whether the batch is in the log is then
   *     settled before the next append succeeds; readers go on
   */
  List<Outcome> append(List<Submission> submissions) throws StoreException;

  /**
   * Reads the log after a sequence, from any place at or after {@code bounds().first() - 1}.
   *
   * @param maxBytes stop before this many bytes; at least one frame is returned if there is one
   * @return a page whose arrays are the caller's; {@link LogPage.Trimmed} when the operation after
   *     the sequence has left the log; an empty {@link LogPage.Read} at the head
   */
  LogPage readLog(long after, int maxBytes) throws StoreException;

  /**
   * Reads states in the order of their last operation, on one snapshot, up to the fold position.
   */
  StatePage readStates(StateRead read) throws StoreException;

  /** The commit time of an operation that is in the log, in milliseconds since the epoch. */
  OptionalLong commitMillis(long sequence) throws StoreException;

  /**
   * Whether an id of this incarnation belongs to a history that was lost by copying an older data
   * folder back: its sequence lies above the head at some opening while its seconds lie below that
   * opening's second. Does not look at the log.
   */
  boolean lost(EventId id);

  /**
   * Until when another system gave out ids, of any incarnation, whose data this log has taken over:
   * the last second that can stand in one. Empty when there was none. What it committed then is in
   * this log with the same commit times.
   */
  default OptionalLong takenOverSecond() throws StoreException {
    return OptionalLong.empty();
  }

  /** Where a source stands: the token stored with its last batch. */
  Optional<String> sourceToken(String source) throws StoreException;

  /** Drops what retention no longer keeps, in small steps. Called now and then by one thread. */
  void enforceRetention() throws StoreException;

  /** How this process gets on with a log that others share; nothing for a log of its own. */
  default Optional<SharedStats> shared() {
    return Optional.empty();
  }

  /**
   * Whether the store can take an append, and no read has met damage.
   *
   * @throws StoreException with what is wrong and what to do
   */
  void check() throws StoreException;

  /** Makes durable what was acknowledged, and releases everything. Idempotent. */
  @Override
  void close() throws StoreException;
}
