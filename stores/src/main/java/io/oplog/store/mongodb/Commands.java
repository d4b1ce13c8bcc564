package io.oplog.store.mongodb;

import com.mongodb.event.CommandFailedEvent;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import java.util.concurrent.atomic.LongAdder;

/** Counts round trips to the database, those apart that it refused or left open. Thread-safe. */
final class Commands implements CommandListener {
  private final LongAdder sent = new LongAdder();
  private final LongAdder failed = new LongAdder();

  @Override
  public void commandStarted(CommandStartedEvent event) {
    sent.increment();
  }

  @Override
  public void commandFailed(CommandFailedEvent event) {
    failed.increment();
  }

  long sent() {
    return sent.sum();
  }

  long failed() {
    return failed.sum();
  }
}
