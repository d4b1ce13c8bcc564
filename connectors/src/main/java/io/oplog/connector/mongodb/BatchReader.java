package io.oplog.connector.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoChangeStreamCursor;
import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** Reads an open change stream. One thread. */
final class BatchReader implements FeedReader {
  private final Deployment deployment;
  private final MongoChangeStreamCursor<RawBsonDocument> cursor;
  private final UpdatedDocuments updated;
  private final EventReader events;
  private final ChangeClock clock;

  /** Changes up to it were handed out earlier. */
  private final ChangeTime after;

  /** Whether the stream begins with the first change of a cluster time. */
  private final boolean recounts;

  private String position;
  private String question;
  private @Nullable BsonDocument token;
  private boolean isOver;

  /**
   * @param cursor closed with this
   * @param start that it was opened at
   */
  BatchReader(
      Deployment deployment,
      MongoChangeStreamCursor<RawBsonDocument> cursor,
      Position start,
      WantedFields wanted) {
    this.deployment = deployment;
    this.cursor = cursor;
    this.after = start.time();
    this.recounts = start.token().isEmpty();
    this.token = recounts ? null : start.resumeToken();
    this.clock = recounts ? ChangeClock.beforeAllOf(after) : new ChangeClock(after);
    this.events = new EventReader(wanted, clock);
    this.updated = new UpdatedDocuments(deployment, wanted);
    this.position = start.toString();
    this.question = question();
  }

  private String question() {
    return "read changes after " + position;
  }

  @Override
  public String position() {
    return position;
  }

  @Override
  public boolean hasMore() {
    return cursor.available() > 0;
  }

  @Override
  public Optional<Batch<DocumentChange>> next(int maxBytes, long waitNanos)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + waitNanos;
    do {
      List<DocumentChange> changes = read(maxBytes);
      if (!changes.isEmpty()) {
        return Optional.of(batch(updated.added(changes)));
      }
    } while (System.nanoTime() < end);
    return hasMoved() ? Optional.of(batch(List.of())) : Optional.empty();
  }

  private Batch<DocumentChange> batch(List<DocumentChange> changes) {
    position = reached().toString();
    question = question();
    return new Batch<>(changes, position);
  }

  private boolean hasMoved() {
    return !reached().toString().equals(position);
  }

  /** A token from before the place where the stream is to go on does not belong to that place. */
  private Position reached() {
    ChangeTime last = clock.last();
    return last.compareTo(after) < 0 ? Position.of(after, null) : Position.of(last, token);
  }

  /** What is here, or comes within a second. */
  private List<DocumentChange> read(int maxBytes) throws IOException, InterruptedException {
    List<DocumentChange> changes = new ArrayList<>();
    Event event = await();
    int bytes = 0;
    while (event != null) {
      bytes += take(event, changes);
      event = bytes < maxBytes && hasMore() ? poll() : null;
    }
    return changes;
  }

  private @Nullable Event await() throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Event event = poll();
    if (isOver) {
      throw lost("what is watched was dropped or renamed, which ends its change stream");
    }
    if (event == null && cursor.getServerCursor() == null) {
      throw new IOException(deployment.place() + ": the server has ended the change stream");
    }
    return event;
  }

  private PositionLostException lost(String why) {
    return deployment.lost(position, why);
  }

  /** An event but the one that ends the stream; null where there is none. */
  private @Nullable Event poll() throws IOException, InterruptedException {
    Event event =
        isOver ? null : deployment.ask(question, _ -> tryNext()).map(Event::of).orElse(null);
    isOver |= event != null && event.isEnd();
    if (isOver) {
      return null;
    }
    token = cursor.getResumeToken(); // of a whole answer the place after it, which may be further
    return event;
  }

  private Optional<RawBsonDocument> tryNext() throws PositionLostException {
    try {
      return Optional.ofNullable(cursor.tryNext());
    } catch (MongoException e) {
      if (Failures.isLost(e)) {
        throw lost(Failures.reason(e));
      }
      throw e;
    }
  }

  /**
   * Adds the changes of an event.
   *
   * @return how large they are
   */
  private int take(Event event, List<DocumentChange> changes) {
    List<DocumentChange> told = events.read(event);
    for (DocumentChange change : told) {
      if (!recounts || change.time().compareTo(after) > 0) {
        changes.add(change);
      }
    }
    return event.size() + updated.guessBytes(told);
  }

  @Override
  public void close() {
    updated.close();
    cursor.close();
  }
}
