package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.eq;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.Namespace;
import io.oplog.core.relay.Scan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bson.RawBsonDocument;

/**
 * Every document of the collections that are wanted, each as the insert that makes it. The position
 * is taken first, and everything is read as it is at that time or later, so what the scan misses
 * comes as a change.
 */
final class DatabaseScan implements Scan<DocumentChange> {
  private final Deployment deployment;
  private final Watch watch;
  private final WantedFields wanted;
  private final Hello begin;
  private final Feed feed;

  /**
   * @param begin what the server said when the scan was made
   * @param feed where the changes come that it does not have
   */
  DatabaseScan(Deployment deployment, Watch watch, WantedFields wanted, Hello begin, Feed feed) {
    this.deployment = deployment;
    this.watch = watch;
    this.wanted = wanted;
    this.begin = begin;
    this.feed = feed;
  }

  @Override
  public long beginsAtMillis() {
    return begin.millis();
  }

  @Override
  public String skip() throws IOException, InterruptedException {
    return now().position().toString();
  }

  private PositionOfNow now() throws IOException, InterruptedException {
    return deployment.ask("tell where its changes are", client -> feed.now(client, begin));
  }

  @Override
  public String read(Taker<? super DocumentChange> taker) throws IOException, InterruptedException {
    return tell(now(), taker).toString();
  }

  private Position tell(PositionOfNow now, Taker<? super DocumentChange> taker)
      throws IOException, InterruptedException {
    return deployment.ask(
        "be scanned",
        client -> {
          try (ClientSession session = client.startSession()) {
            session.advanceOperationTime(now.seen());
            for (Namespace namespace : namespaces(client)) {
              tell(session, namespace, now.position(), taker);
            }
          }
          return now.position();
        });
  }

  private void tell(
      ClientSession session, Namespace namespace, Position now, Taker<? super DocumentChange> taker)
      throws IOException, InterruptedException {
    CollectionScan documents = new CollectionScan(namespace, wanted.projection(namespace));
    deployment.run(
        "scan " + namespace,
        client ->
            documents.tell(
                client, session, document -> taker.take(insert(namespace, document, now))));
  }

  private Document insert(Namespace namespace, RawBsonDocument document, Position now) {
    return new Document(
        Kind.INSERT,
        namespace,
        Objects.requireNonNull(document.get("_id")),
        List.of(),
        wanted.of(namespace, document),
        null,
        now.time(),
        begin.millis());
  }

  /** Those that are wanted, of what there is now. */
  List<Namespace> namespaces() throws IOException, InterruptedException {
    return deployment.ask("list its collections", this::namespaces);
  }

  private List<Namespace> namespaces(MongoClient client) {
    return switch (watch) {
      case Watch.Cluster _ -> all(client);
      case Watch.Database(String name) -> of(client, name);
      case Watch.Collection(var one) ->
          of(client, one.database()).stream().filter(one::equals).toList();
    };
  }

  private List<Namespace> all(MongoClient client) {
    List<Namespace> all = new ArrayList<>();
    for (String database : client.listDatabaseNames()) {
      all.addAll(of(client, database));
    }
    return all;
  }

  /** No views and no time series: of those a change stream tells nothing. */
  private List<Namespace> of(MongoClient client, String database) {
    List<Namespace> wantedOnes = new ArrayList<>();
    for (String collection :
        client.getDatabase(database).listCollectionNames().filter(eq("type", "collection"))) {
      Namespace namespace = new Namespace(database, collection);
      if (wanted.wants(namespace)) {
        wantedOnes.add(namespace);
      }
    }
    return wantedOnes;
  }
}
