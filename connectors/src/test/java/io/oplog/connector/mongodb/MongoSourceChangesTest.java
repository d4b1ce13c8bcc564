package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Updates.combine;
import static com.mongodb.client.model.Updates.pull;
import static com.mongodb.client.model.Updates.push;
import static com.mongodb.client.model.Updates.set;
import static com.mongodb.client.model.Updates.unset;
import static io.oplog.connector.mongodb.TestDatabase.begun;
import static io.oplog.connector.mongodb.TestDatabase.document;
import static io.oplog.connector.mongodb.TestDatabase.read;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.ChangeStreamPreAndPostImagesOptions;
import com.mongodb.client.model.CreateCollectionOptions;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.AllFields;
import io.oplog.connector.document.DocumentNeeds.FieldNames;
import io.oplog.connector.document.DocumentNeeds.Fields;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.DocumentNeeds.SomeFields;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a source tells of each kind of change. */
final class MongoSourceChangesTest {
  private static final String COLLECTION = "things";
  private static final Document WHOLE =
      Document.parse("{_id: 1, a: {b: 1, c: 2}, l: [1, 2], g: 5}");

  private final TestDatabase database = new TestDatabase();
  private final MongoCollection<Document> things = database.collection(COLLECTION);

  @AfterEach
  void close() {
    database.close();
  }

  private static BsonDocument bson(String json) {
    return BsonDocument.parse(json);
  }

  @Test
  void everyKindIsToldWithItsIdAndTime() throws Exception {
    long begin = System.currentTimeMillis();
    MongoSource source = database.started(new NoFields());
    things.insertOne(new Document("_id", 1));
    things.updateOne(eq("_id", 1), set("a", 1));
    things.replaceOne(eq("_id", 1), new Document("b", 1));
    things.deleteOne(eq("_id", 1));
    List<DocumentChange> changes = read(source, 4);
    assertThat(changes)
        .extracting(change -> document(change).kind())
        .containsExactly(Kind.INSERT, Kind.UPDATE, Kind.REPLACE, Kind.DELETE);
    assertThat(changes)
        .allSatisfy(change -> {
          assertThat(change.namespace()).isEqualTo(database.namespace(COLLECTION));
          assertThat(document(change).id()).isEqualTo(new BsonInt32(1));
          assertThat(document(change).document()).isNull();
          assertThat(document(change).before()).isNull();
          assertThat(change.millis()).isBetween(begin - 1000, System.currentTimeMillis() + 1000);
        });
    assertThat(changes).extracting(DocumentChange::time).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void anUpdateNamesExactlyTheFieldsThatChanged() throws Exception {
    things.insertOne(WHOLE);
    MongoSource source = database.started(new NoFields());
    things.updateOne(eq("_id", 1), combine(set("a.b", 3), unset("g"), push("l", 3)));
    things.updateOne(eq("_id", 1), pull("l", 1));
    things.updateOne(eq("_id", 1), unset("a.c"));
    assertThat(read(source, 3))
        .extracting(change -> Set.copyOf(document(change).fields()))
        .containsExactly(Set.of("a.b", "g", "l.2"), Set.of("l"), Set.of("a.c"));
  }

  @Test
  void anArrayThatIsCutShortIsNamed() throws Exception {
    things.insertOne(Document.parse("{_id: 1, l: ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'c']}"));
    MongoSource source = database.started(new NoFields());
    things.updateOne(eq("_id", 1), List.of(Document.parse("{$set: {l: {$slice: ['$l', 2]}}}")));
    assertThat(document(read(source, 1).getFirst()).fields()).containsExactly("l");
  }

  @Test
  void ofNamesTheValuesAreNull() throws Exception {
    MongoSource source = database.started(new FieldNames());
    things.insertOne(WHOLE);
    things.updateOne(eq("_id", 1), set("g", 6));
    things.replaceOne(eq("_id", 1), new Document("z", new Document("y", 1)));
    List<DocumentChange> changes = read(source, 3);
    assertThat(document(changes.get(0)).document())
        .isEqualTo(bson("{_id: null, a: null, l: null, g: null}"));
    assertThat(document(changes.get(1)).document()).isNull();
    assertThat(document(changes.get(2)).document()).isEqualTo(bson("{_id: null, z: null}"));
  }

  @Test
  void anUpdatedDocumentIsReadWithTheFieldsThatAreWanted() throws Exception {
    things.insertOne(WHOLE);
    MongoSource source = database.started(new SomeFields(Set.of("a.b", "g", "g.h")));
    things.updateOne(eq("_id", 1), set("l", List.of()));
    assertThat(document(read(source, 1).getFirst()).document())
        .isEqualTo(bson("{_id: 1, a: {b: 1}, g: 5}"));
  }

  @Test
  void aDocumentThatIsNoMoreIsNotTold() throws Exception {
    things.insertMany(List.of(new Document("_id", 1), new Document("_id", 2)));
    MongoSource source = database.source(new AllFields());
    String now = TestDatabase.now(source);
    things.updateOne(eq("_id", 1), set("a", 1));
    things.updateOne(eq("_id", 2), set("a", 1));
    things.deleteOne(eq("_id", 1));
    TestDatabase.goOn(source, now);
    List<DocumentChange> changes = read(source, 3);
    assertThat(document(changes.get(0)).document()).isNull();
    assertThat(document(changes.get(1)).document()).isEqualTo(bson("{_id: 2, a: 1}"));
    assertThat(document(changes.get(2)).kind()).isEqualTo(Kind.DELETE);
  }

  @Test
  void idsOfAnyTypeAreFound() throws Exception {
    MongoSource source = database.started(new AllFields());
    for (String id : List.of("1", "1.5", "'s'", "{a: 1, b: 'x'}", "null", "true")) {
      things.insertOne(Document.parse("{_id: " + id + "}"));
      things.updateMany(new Document(), set("x", 1));
    }
    assertThat(read(source, 12))
        .filteredOn(change -> document(change).kind() == Kind.UPDATE)
        .hasSize(6)
        .allSatisfy(change ->
            assertThat(document(change).document())
                .isEqualTo(
                    new BsonDocument("_id", document(change).id()).append("x", new BsonInt32(1))));
  }

  /** In a collection that is wanted by its whole name the server leaves out the rest. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatTheServerLeavesOutIsNotMissed(boolean isByName) throws Exception {
    Fields names = new FieldNames();
    Fields some = new SomeFields(Set.of("a.b", "g"));
    Fields none = new NoFields();
    var filter = isByName ? database.filter("names", "some", "none") : database.filter("*");
    MongoSource source =
        begun(
            database.source(
                new DocumentNeeds(
                    filter,
                    namespace ->
                        switch (namespace.collection()) {
                          case "names" -> names;
                          case "some" -> some;
                          default -> none;
                        },
                    false)));
    for (String name : List.of("names", "some", "none")) {
      database.collection(name).insertOne(WHOLE);
    }
    List<DocumentChange> changes = read(source, 3);
    assertThat(document(changes.get(0)).document())
        .isEqualTo(bson("{_id: null, a: null, l: null, g: null}"));
    assertThat(document(changes.get(1)).document())
        .isEqualTo(bson(isByName ? "{_id: 1, a: {b: 1, c: 2}, g: 5}" : WHOLE.toJson()));
    assertThat(document(changes.get(2)).document()).isNull();
  }

  @Test
  void documentsAsTheyWereAreToldWhereTheyAreKept() throws Exception {
    database
        .database()
        .createCollection(
            COLLECTION,
            new CreateCollectionOptions()
                .changeStreamPreAndPostImagesOptions(
                    new ChangeStreamPreAndPostImagesOptions(true)));
    things.insertOne(new Document("_id", 1).append("a", 1));
    database.collection("unkept").insertOne(new Document("_id", 1));
    MongoSource source =
        begun(database.source(new DocumentNeeds(database.filter("*"), _ -> new AllFields(), true)));
    things.updateOne(eq("_id", 1), set("a", 2));
    things.deleteOne(eq("_id", 1));
    database.collection("unkept").deleteOne(eq("_id", 1));
    assertThat(read(source, 3))
        .extracting(change -> document(change).before())
        .containsExactly(bson("{_id: 1, a: 1}"), bson("{_id: 1, a: 2}"), null);
  }
}
