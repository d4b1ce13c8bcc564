package io.oplog.server.command;

import com.mongodb.MongoNamespace;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import io.oplog.server.command.LiveDocument.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.bson.BsonDocument;

/**
 * Changes documents of its own, at random: in collections where others have theirs, and in one of
 * its own, which it drops or renames now and then. Thread-confined, but for {@link #written}.
 */
final class DocumentWriter {
  private static final int NUMBERS = 1_000_000;
  private static final int MOST_LIVING = 60;

  private final MongoClient client;
  private final List<String> shared;
  private final List<String> own;
  private final ReadWriteLock transactions;
  private final Random random;
  private final List<LiveDocument> living = new ArrayList<>();
  private final List<LiveDocument> deleted = new ArrayList<>();
  private final List<WrittenChange> written = new ArrayList<>();
  private int number;
  private String ownNow;

  /**
   * @param number another for each writer
   * @param shared collections, as in {@code app.users}, which exist
   * @param own names, of one database, for the collection of its own
   * @param transactions held alone for a transaction, by all others with one another: SecantusDB
   *     takes a transaction's time before its place, so that a write in between comes before it
   *     with a later time, as MongoDB never tells it
   */
  DocumentWriter(
      MongoClient client,
      int number,
      List<String> shared,
      List<String> own,
      ReadWriteLock transactions,
      long seed) {
    this.client = client;
    this.number = number * NUMBERS;
    this.shared = shared;
    this.own = own;
    this.ownNow = own.getFirst();
    this.transactions = transactions;
    this.random = new Random(seed);
  }

  /** Does something. */
  void write() {
    int choice = random.nextInt(1000);
    boolean isTransaction = choice < 150;
    Lock lock = isTransaction ? transactions.writeLock() : transactions.readLock();
    lock.lock();
    try {
      if (isTransaction) {
        transaction();
      } else {
        other(choice);
      }
    } finally {
      lock.unlock();
    }
  }

  private void other(int choice) {
    if (choice < 300) {
      bulk();
    } else if (choice < 997) {
      alone(step());
    } else if (choice == 997) {
      drop(ownNow);
    } else {
      renameOwn();
    }
  }

  /** What it has written so far. */
  List<WrittenChange> written() {
    return List.copyOf(written);
  }

  private Step step() {
    int choice = random.nextInt(10);
    if (living.isEmpty() || (choice < 3 && living.size() < MOST_LIVING)) {
      return random.nextInt(4) == 0 && !deleted.isEmpty() ? again() : insert();
    }
    LiveDocument document = living.get(random.nextInt(living.size()));
    if (choice < 5) {
      living.remove(document);
      deleted.add(document);
      return document.delete();
    }
    return choice < 6 ? document.replace(random) : document.update(random);
  }

  /** The same document comes to life again. */
  private Step again() {
    LiveDocument document = deleted.remove(random.nextInt(deleted.size()));
    living.add(document);
    return document.insert(random);
  }

  private Step insert() {
    String namespace = random.nextInt(4) == 0 ? ownNow : shared.get(random.nextInt(shared.size()));
    return insert(namespace);
  }

  private Step insert(String namespace) {
    LiveDocument document = new LiveDocument(namespace, DocumentId.of(++number));
    living.add(document);
    return document.insert(random);
  }

  private void alone(Step step) {
    collection(step.change().namespace()).bulkWrite(List.of(step.model()));
    written.add(step.change());
  }

  private void bulk() {
    String namespace = shared.get(random.nextInt(shared.size()));
    List<Step> steps = new ArrayList<>();
    for (int i = random.nextInt(20); i >= 0; i--) {
      steps.add(insert(namespace));
    }
    steps.add(steps.getFirst().document().update(random));
    living.remove(steps.getLast().document());
    deleted.add(steps.getLast().document());
    steps.add(steps.getLast().document().delete());
    collection(namespace).bulkWrite(steps.stream().map(Step::model).toList());
    steps.forEach(step -> written.add(step.change()));
  }

  /** In collections that exist, some documents several times. */
  private void transaction() {
    List<Step> steps = new ArrayList<>();
    steps.add(insert(shared.getFirst()));
    steps.add(insert(shared.getLast()));
    steps.add(steps.getFirst().document().update(random));
    steps.add(steps.getFirst().document().replace(random));
    try (ClientSession session = client.startSession()) {
      boolean _ = session.withTransaction(() -> run(session, steps));
    }
    steps.forEach(step -> written.add(step.change()));
  }

  private boolean run(ClientSession session, List<Step> steps) {
    for (Step step : steps) {
      collection(step.change().namespace()).bulkWrite(session, List.of(step.model()));
    }
    return true;
  }

  private void drop(String namespace) {
    collection(namespace).drop();
    living.removeIf(document -> document.namespace.equals(namespace));
  }

  private void renameOwn() {
    if (living.stream().noneMatch(document -> document.namespace.equals(ownNow))) {
      return; // there is none
    }
    String next = own.get(random.nextInt(own.size()));
    if (!next.equals(ownNow)) {
      drop(next);
      collection(ownNow).renameCollection(new MongoNamespace(next));
      living.stream()
          .filter(document -> document.namespace.equals(ownNow))
          .forEach(document -> document.namespace = next);
      ownNow = next;
    }
  }

  private MongoCollection<BsonDocument> collection(String name) {
    MongoNamespace namespace = new MongoNamespace(name);
    return client
        .getDatabase(namespace.getDatabaseName())
        .getCollection(namespace.getCollectionName(), BsonDocument.class);
  }
}
