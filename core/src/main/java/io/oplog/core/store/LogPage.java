package io.oplog.core.store;

import io.oplog.protocol.Frames;

/** What a read of the log found. */
public sealed interface LogPage {

  /** Operations that follow each other without a hole, the first one just after the asked place. */
  record Read(Frames frames) implements LogPage {}

  /** The operation after the asked place has left the log: go on through states. */
  record Trimmed() implements LogPage {}
}
