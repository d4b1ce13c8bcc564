package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.oplog.core.store.Retention;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.ManualClock;
import io.oplog.testkit.model.ModelRun;
import io.oplog.testkit.mongodb.TestMongo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.bson.Document;
import org.bson.types.ObjectId;

/** Several stores open on one database, as agents that share a log have them. */
final class ModelAgents implements ModelRun.Subject {
  /** Longer than a lease lasts. */
  private static final Duration LEASE = Duration.ofSeconds(11);

  private final Random random;
  private final ManualClock clock;
  private final MongoOptions options;
  private final MongoClient client;
  private final MongoDatabase database;
  private final List<MongoStore> stores = new ArrayList<>();
  private final Map<String, List<Document>> copy = new HashMap<>();
  private long foldLimit = Long.MAX_VALUE;

  ModelAgents(int count, long seed, ManualClock clock, Retention retention) throws StoreException {
    this.random = new Random(seed);
    this.clock = clock;
    this.options =
        MongoOptions.of(TestMongo.shared().uri("m" + new ObjectId().toHexString()))
            .withClock(clock)
            .withRetention(retention);
    this.client = MongoClients.create(options.server());
    this.database = client.getDatabase(options.database());
    openUpTo(count);
  }

  private void openUpTo(int count) throws StoreException {
    while (stores.size() < count) {
      stores.add(MongoStore.open(options, clock::wallMillis, foldLimit));
    }
  }

  @Override
  public Store store() {
    return stores.get(random.nextInt(stores.size()));
  }

  @Override
  public void limitFold(long sequence) {
    foldLimit = sequence;
    stores.forEach(store -> store.limitFold(sequence));
  }

  @Override
  public boolean outlivesRestarts() {
    return true;
  }

  /** One of them. What is killed leaves its lease behind, and the others wait until it is over. */
  @Override
  public void restart(boolean cleanly) throws StoreException {
    limitFold(0);
    int count = stores.size();
    MongoStore one = stores.remove(random.nextInt(count));
    Document lease = lease();
    boolean held = one.shared().orElseThrow().folds();
    one.close();
    if (!cleanly && held) {
      database.getCollection("oplog_meta").replaceOne(eq("_id", "lease"), lease);
      clock.pass(LEASE);
    }
    openUpTo(count);
  }

  private Document lease() {
    return Objects.requireNonNull(
        database.getCollection("oplog_meta").find(eq("_id", "lease")).first());
  }

  @Override
  public void backUp() throws StoreException {
    limitFold(0);
    int count = stores.size();
    closeStores();
    copy.clear();
    for (String name : database.listCollectionNames()) {
      copy.put(name, database.getCollection(name).find().into(new ArrayList<>()));
    }
    openUpTo(count);
  }

  @Override
  public void restore() throws StoreException {
    limitFold(0);
    int count = stores.size();
    closeStores();
    for (String name : database.listCollectionNames().into(new ArrayList<>())) {
      database.getCollection(name).deleteMany(new Document());
      List<Document> documents = copy.getOrDefault(name, List.of());
      if (!documents.isEmpty()) {
        database.getCollection(name).insertMany(documents);
      }
    }
    openUpTo(count);
  }

  private void closeStores() {
    stores.parallelStream().forEach(MongoStore::close);
    stores.clear();
  }

  @Override
  public void close() {
    closeStores();
    database.drop();
    client.close();
  }
}
