package io.oplog.connector.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCursor;
import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.RawBsonDocument;
import org.jspecify.annotations.Nullable;

/** Reads entries of an oplog from an open cursor. One thread. */
final class TailReader implements FeedReader {

  /**
   * What is read. Closed with the reader.
   *
   * @param first the entry that the cursor has given already
   */
  record Open(ClientSession session, MongoCursor<RawBsonDocument> cursor, Entry first) {}

  private final Deployment deployment;
  private final EntryLog log;
  private final ClientSession session;
  private final MongoCursor<RawBsonDocument> cursor;
  private final UpdatedDocuments updated;
  private final EntryReader entries;

  /** Changes up to it were handed out earlier. */
  private final ChangeTime after;

  private ChangeTime reached;
  private Position position;
  private Optional<EntryLog.Newest> newest = Optional.empty();
  private Entry met;

  /** Of the entry that was met last; null before they are looked at, and when all are told. */
  private @Nullable Operations operations;

  private boolean isTold;
  private boolean hasAsked;

  /** Met behind changes that were still to be handed out. */
  private @Nullable IOException failure;

  TailReader(Deployment deployment, EntryLog log, Open open, Position start, WantedFields wanted) {
    this.deployment = deployment;
    this.log = log;
    this.session = open.session();
    this.cursor = open.cursor();
    this.met = open.first();
    this.after = start.time();
    this.reached = after;
    this.position = start;
    this.isTold = start.isAfterAllOfItsTime(); // perhaps it cannot be read, hence a scan
    this.entries = new EntryReader(wanted, ChangeClock.beforeAllOf(after));
    this.updated = new UpdatedDocuments(deployment, wanted);
  }

  @Override
  public String position() {
    return position.toString();
  }

  @Override
  public boolean hasMore() {
    return !isTold || cursor.available() > 0;
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
    } while (System.nanoTime() < end || !hasAsked);
    return position.time().equals(reached) ? Optional.empty() : Optional.of(batch(List.of()));
  }

  private Batch<DocumentChange> batch(List<DocumentChange> changes) {
    position = Position.of(reached, null);
    return new Batch<>(changes, position.toString());
  }

  /** What is here, or comes within a second. */
  private List<DocumentChange> read(int maxBytes) throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (failure != null) {
      throw failure;
    }
    List<DocumentChange> changes = new ArrayList<>();
    try {
      read(maxBytes, changes);
    } catch (IOException e) {
      if (changes.isEmpty()) {
        throw e;
      }
      failure = e;
    }
    return changes;
  }

  private void read(int maxBytes, List<DocumentChange> changes)
      throws IOException, InterruptedException {
    int bytes = 0;
    boolean isThere = !isTold || meets();
    while (isThere && bytes < maxBytes) {
      bytes += tell(maxBytes - bytes, changes);
      isThere = !isTold || (bytes < maxBytes && cursor.available() > 0 && meets());
    }
  }

  /** Adds what the entry that was met says, or a part of it. */
  private int tell(int maxBytes, List<DocumentChange> changes)
      throws IOException, InterruptedException {
    Operations visible = operations == null ? new Operations(met, this::earlier) : operations;
    operations = visible;
    int bytes = 0;
    RawBsonDocument operation = visible.next();
    while (operation != null) {
      bytes += take(operation, changes);
      if (bytes >= maxBytes) {
        return bytes;
      }
      operation = visible.next();
    }
    told();
    return bytes;
  }

  /** All of an entry. */
  private void told() {
    isTold = true;
    operations = null;
    reach(new ChangeTime(met.time(), 0));
  }

  private void reach(ChangeTime time) {
    reached = time.compareTo(reached) > 0 ? time : reached;
  }

  /** Adds the changes of an operation; how large they are. */
  private int take(RawBsonDocument operation, List<DocumentChange> changes) throws IOException {
    List<DocumentChange> told = entries.read(operation, met);
    for (DocumentChange change : told) {
      if (change.time().compareTo(after) > 0) {
        changes.add(change);
        reach(change.time());
      }
    }
    return operation.getByteBuffer().remaining() + updated.guessBytes(told);
  }

  private Entry earlier(long time, boolean isWhole) throws IOException, InterruptedException {
    return asked(client -> log.at(client, session, time, isWhole))
        .orElseThrow(() ->
            deployment.lost(position(), "the oplog no longer has the beginning of a transaction"));
  }

  /** Whether there is another entry; of one that may be wanted. */
  private boolean meets() throws IOException, InterruptedException {
    hasAsked = true;
    Optional<Entry> next = asked(_ -> Optional.ofNullable(cursor.tryNext()).map(Entry::new));
    if (next.isPresent()) {
      met = next.get();
      isTold = false;
    } else {
      moveOn();
    }
    return next.isPresent();
  }

  /**
   * Of entries that are not wanted nothing is heard. But when an answer has none, and was asked for
   * when a server had a newest entry, then that server has passed by all entries up to this one.
   */
  private void moveOn() throws IOException, InterruptedException {
    if (cursor.getServerCursor() == null) {
      throw new IOException(deployment.place() + ": the server has ended the reading of its oplog");
    }
    newest
        .filter(passed -> passed.server().equals(cursor.getServerAddress()))
        .ifPresent(passed -> reach(new ChangeTime(passed.time(), 0)));
    newest = asked(log::newest);
  }

  private interface Question<T> {
    Optional<T> ask(MongoClient client);
  }

  private <T> Optional<T> asked(Question<T> question) throws IOException, InterruptedException {
    return deployment.ask("read its oplog after " + position, client -> asked(client, question));
  }

  private <T> Optional<T> asked(MongoClient client, Question<T> question)
      throws PositionLostException {
    try {
      return question.ask(client);
    } catch (MongoException e) {
      if (Failures.isLost(e)) {
        throw deployment.lost(position(), Failures.reason(e));
      }
      throw e;
    }
  }

  @Override
  public void close() {
    updated.close();
    cursor.close();
    session.close();
  }
}
