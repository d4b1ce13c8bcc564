package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespaceFilter.Choice;
import io.oplog.connector.document.NamespacePattern;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which entries a server sends. */
final class EntryConditionTest {
  private static final List<String> NAMES =
      List.of("a.x", "a.x.y", "a.xy", "ab.x", "ab.x+y", "a-b.X", "a.system.x", "a.x.system.y");

  private final TestDatabase database = new TestDatabase();
  private final MongoCollection<Document> entries = database.collection("entries");

  @AfterEach
  void close() {
    database.close();
  }

  private static NamespaceFilter filter(String... choices) {
    List<Choice> all = new ArrayList<>();
    for (String choice : choices) {
      boolean isWanted = !choice.startsWith("!");
      all.add(
          new Choice(NamespacePattern.parse(isWanted ? choice : choice.substring(1)), isWanted));
    }
    return new NamespaceFilter(all);
  }

  private List<String> found(Bson condition) {
    List<String> found = new ArrayList<>();
    entries.find(condition).forEach(entry -> found.add(entry.getString("name")));
    return found;
  }

  private void insert(String name, String entry) {
    entries.insertOne(Document.parse("{" + entry + "}").append("name", name));
  }

  @Test
  void namespacesAreWantedAsTheFilterSays() {
    List<String> own = List.of("admin.x", "config.x", "local.x", "localx.y");
    NAMES.forEach(name -> insert(name, "ns: '" + name + "'"));
    own.forEach(name -> insert(name, "ns: '" + name + "'"));
    assertThat(found(new EntryCondition(filter("*")).namespaces()))
        .containsExactlyInAnyOrder(
            "a.x", "a.x.y", "a.xy", "ab.x", "ab.x+y", "a-b.X", "a.x.system.y", "localx.y");
    assertThat(found(new EntryCondition(filter("a.x")).namespaces())).containsExactly("a.x");
    assertThat(found(new EntryCondition(filter("!a.x*", "a*")).namespaces()))
        .containsExactlyInAnyOrder("ab.x", "ab.x+y", "a-b.X");
    assertThat(found(new EntryCondition(filter("a.x.y", "!a.x*", "*.x*")).namespaces()))
        .containsExactlyInAnyOrder("a.x.y", "ab.x", "ab.x+y");
    assertThat(found(new EntryCondition(filter("a*.x+y")).namespaces())).containsExactly("ab.x+y");
    assertThat(found(new EntryCondition(filter("!*.y", "a*.*y")).namespaces()))
        .containsExactlyInAnyOrder("a.x.y", "a.xy", "ab.x+y", "a.x.system.y");
    assertThat(found(new EntryCondition(filter()).namespaces())).isEmpty();
  }

  @Test
  void whatMayTellSomethingIsSent() {
    insert("insert", "op: 'i', ns: 'a.x'");
    insert("update", "op: 'u', ns: 'a.x'");
    insert("delete", "op: 'd', ns: 'a.x'");
    insert("drop", "op: 'c', ns: 'a.$cmd', o: {drop: 'x'}");
    insert("dropDatabase", "op: 'c', ns: 'a.$cmd', o: {dropDatabase: 1}");
    insert("rename", "op: 'c', ns: 'b.$cmd', o: {renameCollection: 'b.x', to: 'a.x'}");
    insert("applied", command("{applyOps: [{op: 'i', ns: 'b.x'}, {op: 'u', ns: 'a.x'}]}"));
    insert("nested", command("{applyOps: [{op: 'c', ns: 'admin.$cmd', o: {applyOps: []}}]}"));
    insert("commit", command("{commitTransaction: 1}"));
    insert("last", command("{applyOps: [{op: 'i', ns: 'b.x'}]}") + ", " + previous(5));
    insert("no noop", "op: 'n', ns: ''");
    insert("no other", "op: 'i', ns: 'b.x'");
    insert("no index", "op: 'c', ns: 'a.$cmd', o: {createIndexes: 'x'}");
    insert("no migration", "op: 'i', ns: 'a.x', fromMigrate: true");
    insert("no others", command("{applyOps: [{op: 'i', ns: 'b.x'}]}") + ", " + previous(0));
    insert("no part", command("{applyOps: [{op: 'i', ns: 'a.x'}], partialTxn: true}"));
    insert("no prepared", command("{applyOps: [{op: 'i', ns: 'a.x'}], prepare: true}"));
    insert("no abort", command("{abortTransaction: 1}") + ", " + previous(5));
    assertThat(found(new EntryCondition(filter("a")).mayBeWanted()))
        .containsExactly(
            "insert",
            "update",
            "delete",
            "drop",
            "dropDatabase",
            "rename",
            "applied",
            "nested",
            "commit",
            "last");
  }

  private static String command(String object) {
    return "op: 'c', ns: 'admin.$cmd', o: " + object;
  }

  private static String previous(int second) {
    return "prevOpTime: {ts: {$timestamp: {t: " + second + ", i: 0}}, t: 1}";
  }
}
