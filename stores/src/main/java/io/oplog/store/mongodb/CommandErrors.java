package io.oplog.store.mongodb;

import com.mongodb.event.CommandFailedEvent;
import com.mongodb.event.CommandListener;
import java.util.concurrent.atomic.LongAdder;

/** Counts commands that the database refused or did not answer. Thread-safe. */
final class CommandErrors implements CommandListener {
  private final LongAdder count = new LongAdder();

  @Override
  public void commandFailed(CommandFailedEvent event) {
    count.increment();
  }

  long count() {
    return count.sum();
  }
}
