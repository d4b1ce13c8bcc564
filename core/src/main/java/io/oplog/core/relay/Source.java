package io.oplog.core.relay;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Where changes come from: ordered, and readable again from any position that was not {@linkplain
 * #acknowledged acknowledged}. Used by one thread at a time, but for {@link #backlog}, {@link
 * #check}, {@link #conflated} and {@link #close}.
 *
 * @param <C> what a change is
 */
public interface Source<C> extends AutoCloseable {

  /**
   * Tells this source from all others that a sink may know; a token as positions are. Stays the
   * same over restarts, and changes only in {@link #seek}.
   */
  String name() throws IOException, InterruptedException;

  /**
   * Goes on after a position.
   *
   * @param position what the sink has stored under this name; empty for the beginning
   */
  Start<C> seek(Optional<String> position) throws IOException, InterruptedException;

  /**
   * The changes that come next. Only after {@link #seek} has {@linkplain Start.Resumed resumed}.
   *
   * @param maxBytes about how much; at least one change is given if there is one
   * @param wait how long to wait for one
   * @return empty when there was none in that time
   * @throws PositionLostException when there are some that can no longer be read
   */
  Optional<Batch<C>> next(int maxBytes, Duration wait) throws IOException, InterruptedException;

  /**
   * The sink has everything up to a position of a batch: nobody will {@link #seek} before it. More
   * may have been read meanwhile.
   */
  void acknowledged(String position) throws IOException;

  /** What was not acknowledged. Any thread; may block. */
  Backlog backlog() throws IOException;

  /**
   * Whether changes can be read.
   *
   * @throws UnusableException when that cannot change by itself
   * @throws IOException with what is wrong and what to do
   */
  void check() throws IOException, InterruptedException;

  /**
   * How many changes were not handed out, as a newer one of the same stands for them. Any thread.
   */
  default long conflated() {
    return 0;
  }

  /** Releases everything. A thread that waits in {@link #next} is interrupted by its owner. */
  @Override
  void close();
}
