package io.oplog.store.mongodb;

import static com.mongodb.client.model.Aggregates.match;
import static com.mongodb.client.model.Aggregates.project;
import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.ne;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Indexes.ascending;
import static com.mongodb.client.model.Projections.include;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.TransactionOptions;
import com.mongodb.WriteConcern;
import com.mongodb.client.ChangeStreamIterable;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.UpdateOptions;
import io.oplog.core.store.StoreException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The database of a log: its collections, and the concerns that they are read and written with:
 * what is written is journaled by a majority before it counts, and nothing else is ever read.
 * Thread-safe.
 */
final class LogDatabase implements AutoCloseable {
  /** Blocks of the log. */
  final MongoCollection<Document> log;

  /** The rest of a block that one document cannot hold. */
  final MongoCollection<Document> parts;

  /** Each object's last operation. */
  final MongoCollection<Document> objects;

  /** The parents that objects left, by the position where they did. */
  final MongoCollection<Document> left;

  /** Where each source stands, as far as the fold is. */
  final MongoCollection<Document> sources;

  /** What another system left in the same database. */
  final OriginalLog original;

  /** Single documents: the store itself, the fold, the floor, where the log begins. */
  final MongoCollection<Document> meta;

  /** The same with less time for an operation; not for transactions. */
  final MongoCollection<Document> quickMeta;

  /** What such a transaction has read is known to be a majority's once it has committed. */
  private static final TransactionOptions WRITING = transactions(ReadConcern.MAJORITY);

  private static final TransactionOptions READING = transactions(ReadConcern.SNAPSHOT);

  private static TransactionOptions transactions(ReadConcern reads) {
    return TransactionOptions.builder()
        .readConcern(reads)
        .writeConcern(WriteConcern.MAJORITY.withJournal(true))
        .readPreference(ReadPreference.primary())
        .maxCommitTime(10L, TimeUnit.SECONDS)
        .build();
  }

  /** For a connection to be made, and for a primary to be known. */
  private static final int CONNECT_SECONDS = 3;

  /** How often a server is asked whether it lives: one that is silent is given up after both. */
  private static final int HEARTBEAT_SECONDS = 3;

  /** For one answer: a page of states of a large collection, a step of the fold. */
  private static final int READ_SECONDS = 30;

  /** For all of an operation on small documents, the driver's own second try included. */
  private static final int QUICK_SECONDS = 10;

  /** So long the server keeps the question for changes, where there is none. */
  private static final long AWAIT_MILLIS = 1000;

  /** For a sort and a scan of all that another system left. */
  private static final int SCAN_HOURS = 24;

  private static final int WIRE_VERSION_5_0 = 13;
  private static final String LOG = "oplog_log";
  private static final String META = "oplog_meta";

  private final Commands commands = new Commands();
  private final MongoClient client;
  private final MongoDatabase database;
  private final boolean ownTimeout;
  private final long awaitMillis;

  LogDatabase(MongoOptions options) {
    client = MongoClients.create(settings(options, commands));
    database = client.getDatabase(options.database());
    Long given = options.server().getTimeout();
    ownTimeout = given != null;
    awaitMillis = given == null || given == 0 ? AWAIT_MILLIS : Math.min(AWAIT_MILLIS, given / 2);
    log = quick(database.getCollection(LOG));
    parts = quick(database.getCollection("oplog_parts"));
    objects = database.getCollection("oplog_objects");
    left = database.getCollection("oplog_left");
    sources = database.getCollection("oplog_sources");
    meta = database.getCollection(META);
    quickMeta = quick(meta);
    original =
        new OriginalLog(ownTimeout ? database : database.withTimeout(SCAN_HOURS, TimeUnit.HOURS));
  }

  /**
   * The same collection with less time for an operation, outside of transactions, which do not
   * allow it; unless the operator set a time for all.
   */
  private MongoCollection<Document> quick(MongoCollection<Document> collection) {
    return ownTimeout ? collection : collection.withTimeout(QUICK_SECONDS, TimeUnit.SECONDS);
  }

  private static MongoClientSettings settings(MongoOptions options, Commands commands) {
    return MongoClientSettings.builder()
        .applyToClusterSettings(
            cluster -> cluster.serverSelectionTimeout(CONNECT_SECONDS, TimeUnit.SECONDS))
        .applyToServerSettings(
            server -> server.heartbeatFrequency(HEARTBEAT_SECONDS, TimeUnit.SECONDS))
        .applyToConnectionPoolSettings(pool -> pool.maxWaitTime(QUICK_SECONDS, TimeUnit.SECONDS))
        .applyToSocketSettings(socket ->
            socket
                .connectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
                .readTimeout(READ_SECONDS, TimeUnit.SECONDS))
        .applyConnectionString(options.server()) // the operator's own wins
        .applicationName("oplog")
        .addCommandListener(commands)
        .readConcern(ReadConcern.MAJORITY)
        .readPreference(ReadPreference.primary())
        .writeConcern(WriteConcern.MAJORITY.withJournal(true))
        .retryReads(true)
        .retryWrites(true)
        .build();
  }

  private void makeIndexes() {
    log.createIndex(ascending(Block.LAST, "_id"));
    parts.createIndex(ascending(BlockLog.NUMBER));
    IndexOptions unique = new IndexOptions().unique(true);
    objects.createIndex(ascending(StateDocument.SEQUENCE), unique);
    objects.createIndex(ascending(StateDocument.TYPE, StateDocument.SEQUENCE));
    objects.createIndex(ascending(StateDocument.PARENTS, StateDocument.SEQUENCE));
    objects.createIndex(
        ascending(StateDocument.DELETED, StateDocument.SEQUENCE),
        new IndexOptions().partialFilterExpression(new Document(StateDocument.DELETED, true)));
  }

  /**
   * Makes sure that the server can hold a log, and makes the indexes.
   *
   * @throws StoreException with what to do when it cannot
   */
  void prepare() throws StoreException {
    requireSuitable(hello());
    makeIndexes();
  }

  private Document hello() {
    return database.runCommand(new Document("hello", 1));
  }

  /** What the primary's clock shows, milliseconds since the epoch. */
  long serverMillis() {
    return hello().getDate("localTime").toInstant().toEpochMilli();
  }

  /** Judges a server by how it introduces itself. */
  static void requireSuitable(Document hello) throws StoreException.Misplaced {
    if (hello.getString("setName") == null) {
      throw new StoreException.Misplaced(
          "the MongoDB server is not a member of a replica set, which the log needs: start it with"
              + " --replSet and run rs.initiate(); one node is enough",
          null);
    }
    if (hello.getInteger("maxWireVersion", 0) < WIRE_VERSION_5_0) {
      throw new StoreException.Misplaced(
          "the MongoDB server is too old: 5.0 or newer is needed", null);
    }
  }

  /** What was asked so far. */
  Commands commands() {
    return commands;
  }

  /** The blocks of others, and the places that they moved the fold to, each as a full document. */
  ChangeStreamIterable<Document> changes(ObjectId agent) {
    Bson block = and(eq("ns.coll", LOG), eq("operationType", "insert"));
    Bson fold =
        and(
            eq("ns.coll", META),
            eq("operationType", "replace"),
            eq("documentKey._id", FoldPlace.ID));
    Bson foreign = ne("fullDocument." + Block.AGENT, agent);
    return database
        .watch(
            List.of(
                match(and(foreign, or(block, fold))),
                project(include("_id", "operationType", "fullDocument"))))
        .maxAwaitTime(awaitMillis, TimeUnit.MILLISECONDS); // the driver wants less than timeoutMS
  }

  /** Inserts a document of {@link #meta} unless one is there. */
  void insertIfAbsent(Document document) {
    try {
      meta.insertOne(document);
    } catch (MongoException e) {
      if (!BlockLog.isTaken(e)) {
        throw e;
      }
    }
  }

  /**
   * Writes something that means nothing, to see whether that can be done. Where it can, what is
   * read afterwards is no older than this call.
   */
  void probe() {
    Document now = new Document("$currentDate", new Document("at", true));
    quickMeta.updateOne(eq("_id", "probe"), now, new UpdateOptions().upsert(true));
  }

  /** A document of {@link #meta}; null when it is not there. */
  @Nullable Document single(String id) {
    return quickMeta.find(eq("_id", id)).first();
  }

  /** Whether a document of {@link #meta} is there. */
  boolean has(String id) {
    return single(id) != null;
  }

  /** A document of {@link #meta} that every log has. */
  Document require(String id) throws StoreException.Damaged {
    return present(id, single(id));
  }

  /** The same, as a session sees it. */
  Document require(ClientSession session, String id) throws StoreException.Damaged {
    return present(id, meta.find(session, eq("_id", id)).first());
  }

  private static Document present(String id, @Nullable Document found)
      throws StoreException.Damaged {
    if (found == null) {
      throw new StoreException.Damaged(
          "the log's document '" + id + "' in oplog_meta is gone: restore a backup", null);
    }
    return found;
  }

  /** Work on one moment, whose writes happen together or not at all. */
  interface Work<T> {
    T in(ClientSession session);
  }

  /** A session for transactions of one thread; to be closed by the caller. */
  ClientSession session() {
    return client.startSession();
  }

  /** Ends sessions of other processes, and what they have begun. */
  void endSessions(List<Document> identifiers) {
    MongoDatabase admin = client.getDatabase("admin");
    (ownTimeout ? admin : admin.withTimeout(QUICK_SECONDS, TimeUnit.SECONDS))
        .runCommand(new Document("killSessions", identifiers));
  }

  /**
   * Runs work in a transaction once.
   *
   * @throws MongoException when it did not happen, or when that is not known
   */
  static <T> T transaction(ClientSession session, Work<T> work) {
    session.startTransaction(WRITING);
    T result;
    try {
      result = work.in(session);
    } catch (RuntimeException e) {
      session.abortTransaction();
      throw e;
    }
    session.commitTransaction();
    return result;
  }

  /** Reading that may meet what is not as it must be. */
  interface Reading<T> {
    T in(ClientSession session) throws StoreException;
  }

  /** Reads everything as it is at one moment. */
  <T> T snapshot(Reading<T> reading) throws StoreException {
    try (ClientSession session = client.startSession()) {
      session.startTransaction(READING);
      try {
        return reading.in(session);
      } finally {
        session.abortTransaction();
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
