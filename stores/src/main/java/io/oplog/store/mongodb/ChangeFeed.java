package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Trouble;
import java.util.Objects;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what other agents write, a block or the fold's place, as soon as a majority has it: one
 * change stream, so one round trip for all of them. It is no more than a short cut. Whoever is told
 * looks for itself now and then, whenever the stream was opened anew, and whenever what it is told
 * of does not follow what it knows. A thread of its own.
 */
final class ChangeFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);
  private static final long RETRY_MILLIS = 1000;
  private static final long LOOK_MILLIS = 100;
  private static final int LOOKS = 600;

  private final LogDatabase database;
  private final ObjectId self;
  private final Chain chain;
  private final Folder folder;
  private final Trouble denied =
      new Trouble(
          LOG,
          "What other agents write is looked for every 100 ms, since a change stream is not allowed",
          "What other agents write is told by a change stream again");
  private final Worker worker = new Worker("oplog-mongodb-changes", this::watchOrWait);

  /**
   * @param self the agent that needs not hear of its own blocks
   */
  ChangeFeed(LogDatabase database, ObjectId self, Chain chain, Folder folder) {
    this.database = database;
    this.self = self;
    this.chain = chain;
    this.folder = folder;
  }

  void start() {
    worker.start();
  }

  private void watchOrWait() {
    try {
      watch();
      worker.await(RETRY_MILLIS);
    } catch (MongoException e) {
      LOG.debug("The change stream was cut", e);
      ring();
      if (Failures.isDenied(e)) {
        denied.met(Failures.reason(e));
        lookOften();
      } else {
        worker.await(RETRY_MILLIS);
      }
    }
  }

  private void ring() {
    chain.ring();
    folder.ring();
  }

  /** For a minute; then the right may have been given. */
  private void lookOften() {
    for (int i = 0; i < LOOKS && !worker.isStopped(); i++) {
      ring();
      worker.await(LOOK_MILLIS);
    }
  }

  /** Until the server ends the stream, as when the database was dropped. */
  private void watch() {
    try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
        database.changes(self).cursor()) {
      denied.over();
      chain.fed();
      folder.ring(); // for what came before the stream was open
      boolean open = true;
      while (open && !worker.isStopped()) {
        ChangeStreamDocument<Document> change = changes.tryNext();
        if (change != null) {
          pass(Objects.requireNonNull(change.getFullDocument()));
        }
        open = change != null || changes.getServerCursor() != null;
      }
    } finally {
      chain.unfed();
    }
  }

  private void pass(Document written) {
    if (FoldPlace.ID.equals(written.get("_id"))) {
      folder.heard(FoldPlace.of(written));
    } else {
      passBlock(written);
    }
  }

  /** A block that is not to be had from its document alone, or damaged, is the reader's to meet. */
  private void passBlock(Document written) {
    try {
      if (BlockLog.isWhole(written)) {
        chain.heard(Block.of(written));
      } else {
        chain.missed();
      }
    } catch (StoreException.Damaged e) {
      LOG.debug("A block cannot be used", e);
      chain.missed();
    }
  }

  /** Nothing is passed on any more. The thread ends with its last answer, within a second. */
  @Override
  public void close() {
    worker.end();
  }
}
