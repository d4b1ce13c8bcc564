package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.oplog.core.store.Trouble;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rings when another process may have written to the log or moved the fold, told by a change
 * stream. Only a hint: who is rung looks for itself, and looks now and then without being rung. A
 * thread of its own.
 */
final class Doorbell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final long AWAIT_MILLIS = 1000;
  private static final long RETRY_MILLIS = 1000;
  private static final long LOOK_MILLIS = 100;
  private static final int LOOKS = 600;

  private final Collections collections;
  private final Runnable ring;
  private final Trouble denied =
      new Trouble(
          LOG,
          "What other agents write is looked for every 100 ms, since a change stream is not allowed",
          "What other agents write is told by a change stream again");
  private final Worker worker = new Worker("oplog-mongodb-doorbell", this::watchOrWait);

  Doorbell(Collections collections, Runnable ring) {
    this.collections = collections;
    this.ring = ring;
  }

  void start() {
    worker.start();
  }

  private void watchOrWait() {
    try {
      watch();
    } catch (MongoException e) {
      LOG.debug("The change stream was cut", e);
      ring.run();
      if (Failures.isDenied(e)) {
        denied.met(Failures.reason(e));
        lookOften();
      } else {
        worker.await(RETRY_MILLIS);
      }
    }
  }

  /** For a minute; then the right may have been given. */
  private void lookOften() {
    for (int i = 0; i < LOOKS && !worker.isStopped(); i++) {
      ring.run();
      worker.await(LOOK_MILLIS);
    }
  }

  private void watch() {
    try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
        collections.changes().maxAwaitTime(AWAIT_MILLIS, TimeUnit.MILLISECONDS).cursor()) {
      denied.over();
      ring.run(); // what came before it was open
      while (!worker.isStopped()) {
        if (changes.tryNext() != null) {
          ring.run();
        }
      }
    }
  }

  @Override
  public void close() {
    boolean _ = worker.stop();
  }
}
