package io.oplog.store.mongodb;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.SharedStoreContract;
import io.oplog.testkit.StoreSetup;
import io.oplog.testkit.mongodb.TestMongo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.Document;

class MongoStoreTest extends SharedStoreContract {
  private final Map<String, List<Document>> copy = new HashMap<>();

  private String uri() {
    return TestMongo.shared().uri("t" + Integer.toHexString(directory.toString().hashCode()));
  }

  @Override
  protected Store open(StoreSetup setup) throws StoreException {
    return MongoStore.open(
        MongoOptions.of(uri()).withClock(setup.clock()).withRetention(setup.retention()),
        setup.clock()::wallMillis);
  }

  /** The stand-in takes half a millisecond for each. */
  @Override
  protected int manyObjects() {
    return 3_000;
  }

  @Override
  protected void keepCopy() {
    onDatabase(database -> {
      for (String name : database.listCollectionNames()) {
        copy.put(name, database.getCollection(name).find().into(new ArrayList<>()));
      }
    });
  }

  @Override
  protected void putCopyBack() {
    onDatabase(database -> {
      for (String name : database.listCollectionNames().into(new ArrayList<>())) {
        database.getCollection(name).deleteMany(new Document());
      }
      copy.forEach((name, documents) -> {
        if (!documents.isEmpty()) {
          database.getCollection(name).insertMany(documents);
        }
      });
    });
  }

  @Override
  protected void removeData() {
    onDatabase(MongoDatabase::drop);
  }

  private interface Action {
    void on(MongoDatabase database);
  }

  private void onDatabase(Action action) {
    MongoOptions options = MongoOptions.of(uri());
    try (MongoClient client = MongoClients.create(options.server())) {
      action.on(client.getDatabase(options.database()));
    }
  }
}
