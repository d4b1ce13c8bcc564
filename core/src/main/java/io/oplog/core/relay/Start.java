package io.oplog.core.relay;

/** How a source goes on after it was told a position. */
public sealed interface Start<C> {

  /** With the change after that position. */
  record Resumed<C>() implements Start<C> {}

  /**
   * The position is not one of this source's history: the source has taken another name, and
   * nothing of what it has is known to the sink.
   */
  record Renamed<C>() implements Start<C> {}

  /**
   * Not by changes: there was no position, or what came after it is gone.
   *
   * @param reason for the operator
   * @param scan by which the sink can be brought in line
   */
  record Lost<C>(String reason, Scan<C> scan) implements Start<C> {}
}
