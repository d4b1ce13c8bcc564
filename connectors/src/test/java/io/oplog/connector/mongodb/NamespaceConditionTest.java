package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespaceFilter.Choice;
import io.oplog.connector.document.NamespacePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server decides as {@link NamespaceFilter} does. */
final class NamespaceConditionTest {
  private static final List<String> DATABASES = List.of("a", "ab", "a-b", "config", "local");
  private static final List<String> COLLECTIONS =
      List.of("x", "x.y", "xy", "x+y", "X", "system.x", "systemx", "ü(x)", "x$[y]\\");
  private static final List<String> PARTS =
      List.of("*", "a", "a*", "*b", "x", "x*", "x.*", "*y", "x*y", "ü(*", "x$[y]\\", "a-b");

  private final TestDatabase database = new TestDatabase();
  private final MongoCollection<Document> events = database.collection("events");
  private final List<Namespace> all = new ArrayList<>();

  @BeforeEach
  void insertAll() {
    for (String name : DATABASES) {
      for (String collection : COLLECTIONS) {
        all.add(new Namespace(name, collection));
      }
    }
    events.insertMany(
        all.stream()
            .map(one -> new Document("db", one.database()).append("coll", one.collection()))
            .map(namespace -> new Document("ns", namespace))
            .toList());
  }

  @AfterEach
  void close() {
    database.close();
  }

  private List<Namespace> found(Bson condition) {
    List<Namespace> found = new ArrayList<>();
    for (Document event : events.find(condition)) {
      Document namespace = event.get("ns", Document.class);
      found.add(new Namespace(namespace.getString("db"), namespace.getString("coll")));
    }
    return found;
  }

  private static NamespaceFilter random(Random random) {
    return new NamespaceFilter(
        Stream.generate(() ->
                new Choice(new NamespacePattern(part(random), part(random)), random.nextBoolean()))
            .limit(random.nextInt(6))
            .toList());
  }

  private static String part(Random random) {
    return PARTS.get(random.nextInt(PARTS.size()));
  }

  private List<Namespace> wanted(NamespaceFilter filter) {
    return all.stream()
        .filter(one -> !NamespaceCondition.isOwn(one.database(), one.collection()))
        .filter(filter::wants)
        .toList();
  }

  @Test
  void collectionsAreWantedAsTheFilterSays() {
    long seed = Long.getLong("oplog.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      NamespaceFilter filter = random(random);
      assertThat(found(new NamespaceCondition(filter, "ns").collection()))
          .as("seed %d: %s", seed, filter)
          .containsExactlyInAnyOrderElementsOf(wanted(filter));
    }
  }

  @Test
  void aDatabaseIsWantedUnlessAllOfItIsNot() {
    NamespaceFilter filter =
        new NamespaceFilter(
            List.of(
                new Choice(NamespacePattern.parse("a.x"), false),
                new Choice(NamespacePattern.parse("ab.*"), false),
                new Choice(NamespacePattern.parse("a*.y"), true)));
    Bson condition = new NamespaceCondition(filter, "ns").database();
    assertThat(found(and(condition, eq("ns.coll", "x"))))
        .extracting(Namespace::database)
        .containsExactlyInAnyOrder("a", "a-b");
  }
}
