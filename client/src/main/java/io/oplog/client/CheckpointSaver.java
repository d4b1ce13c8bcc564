package io.oplog.client;

import io.oplog.protocol.EventId;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Saves the checkpoint when it has moved, and not too often. Thread-safe; who acknowledges does not
 * wait for another who saves, and holds no lock of ours meanwhile: a store may need one that a
 * handler has.
 */
final class CheckpointSaver {
  private final CheckpointStore store;
  private final Duration every;
  private final Supplier<Optional<EventId>> reached;
  private final ReentrantLock lock = new ReentrantLock();

  /** Written by whoever has the lock, as all below. */
  private volatile Optional<EventId> saved = Optional.empty();

  private volatile Deadline due;
  private volatile boolean isClosed;

  /**
   * Saves nothing yet.
   *
   * @param reached where the checkpoint is now
   */
  CheckpointSaver(CheckpointStore store, Duration every, Supplier<Optional<EventId>> reached) {
    this.store = store;
    this.every = every;
    this.reached = reached;
    this.due = Deadline.after(every);
  }

  /**
   * Saves what is due, unless somebody else does; once more for those who came meanwhile, and no
   * more often, or one would save for all.
   */
  void saveWhenDue() throws IOException {
    for (int round = 0; round < 2 && isDue() && lock.tryLock(); round++) {
      try {
        if (isDue()) {
          save();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean isDue() {
    return !isClosed && due.isOver() && hasMoved(reached.get());
  }

  private boolean hasMoved(Optional<EventId> now) {
    return now.isPresent() && !now.equals(saved);
  }

  private void save() throws IOException {
    Optional<EventId> now = reached.get();
    if (hasMoved(now)) {
      store.save(now.get().toString());
      saved = now;
      due = Deadline.after(every);
    }
  }

  /** Saves what has been reached, and nothing later: somebody else may go on from there. */
  void close() throws IOException {
    lock.lock();
    try {
      if (!isClosed) {
        save();
      }
    } finally {
      isClosed = true;
      lock.unlock();
    }
  }
}
