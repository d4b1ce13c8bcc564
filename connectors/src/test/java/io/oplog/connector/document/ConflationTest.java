package io.oplog.connector.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Kind;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConflationTest {
  private static final Namespace NAMES = new Namespace("app", "names");
  private static final Namespace WHOLE = new Namespace("app", "whole");

  private final Conflation conflation = new Conflation(_ -> true, WHOLE::equals);
  private int number;

  private Document change(
      Namespace namespace, Kind kind, List<String> fields, @Nullable String document) {
    number++;
    return new Document(
        kind,
        namespace,
        new BsonString("d"),
        fields,
        document == null ? null : BsonDocument.parse(document),
        null,
        new ChangeTime(number, 0),
        1000L * number);
  }

  private Document insert(String document) {
    return change(NAMES, Kind.INSERT, List.of(), document);
  }

  private Document update(String... fields) {
    return change(NAMES, Kind.UPDATE, List.of(fields), null);
  }

  private Document replace(String document) {
    return change(NAMES, Kind.REPLACE, List.of(), document);
  }

  private Document delete() {
    return change(NAMES, Kind.DELETE, List.of(), null);
  }

  private Document joined(Document older, Document newer) {
    return conflation.of(older, newer).orElseThrow();
  }

  private static void assertFields(Document change, String... fields) {
    assertThat(change.kind()).isEqualTo(Kind.UPDATE);
    assertThat(change.fields()).containsExactly(fields);
  }

  @Test
  void updatesAreOneOfAllTheirFieldsFromTheOldestToTheNewest() {
    Document joined = joined(joined(update("a", "b"), update("b", "c.d")), update("a"));
    assertFields(joined, "a", "b", "c.d");
    assertThat(joined.since()).isEqualTo(new ChangeTime(1, 0));
    assertThat(joined.time()).isEqualTo(new ChangeTime(3, 0));
    assertThat(joined.millis()).isEqualTo(3000);
  }

  @Test
  void whatIsNewAndUpdatedIsNewWithAllFieldsAtTheTop() {
    Document joined = joined(insert("{_id: 'd', a: null}"), update("b.x", "a", "c"));
    assertThat(joined.kind()).isEqualTo(Kind.INSERT);
    assertThat(joined.document()).containsOnlyKeys("_id", "a", "b", "c");
    assertThat(joined.fields()).isEmpty();
  }

  @Test
  void whatIsNewAndReplacedIsNewAsItIsNow() {
    Document joined = joined(insert("{_id: 'd', a: null}"), replace("{_id: 'd', b: null}"));
    assertThat(joined.kind()).isEqualTo(Kind.INSERT);
    assertThat(joined.document()).containsOnlyKeys("_id", "b");
  }

  @Test
  void aReplacementAndAnUpdateInEitherOrderAreAnUpdateOfAllFields() {
    assertFields(joined(replace("{_id: 'd', a: null}"), update("b")), "_id", "a", "b");
    assertFields(joined(update("b"), replace("{_id: 'd', a: null}")), "b", "_id", "a");
    assertFields(joined(replace("{_id: 'd', a: 1}"), replace("{_id: 'd', b: 1}")), "_id", "a", "b");
  }

  @Test
  void whateverIsRemovedIsRemoved() {
    for (Document older : List.of(insert("{_id: 'd'}"), update("a"), replace("{_id: 'd'}"))) {
      Document joined = joined(older, delete());
      assertThat(joined.kind()).isEqualTo(Kind.DELETE);
      assertThat(joined.fields()).isEmpty();
      assertThat(joined.document()).isNull();
    }
  }

  @Test
  void aRemovalAndWhatIsNewAfterItStayTwo() {
    assertThat(conflation.of(delete(), insert("{_id: 'd'}"))).isEmpty();
    assertThat(conflation.of(update("a"), insert("{_id: 'd'}"))).as("dropped between").isEmpty();
  }

  @Test
  void aWholeDocumentIsTheNewest() {
    Document older = change(WHOLE, Kind.INSERT, List.of(), "{_id: 'd', a: 1}");
    Document newer = change(WHOLE, Kind.UPDATE, List.of("b"), "{_id: 'd', b: 2}");
    assertThat(joined(older, newer).document()).isEqualTo(newer.document());
    assertThat(joined(newer, newer).document()).isEqualTo(newer.document());
  }

  @Test
  void aWholeDocumentThatIsNoMoreIsNotToldWithEmptyFields() {
    Document older = change(WHOLE, Kind.INSERT, List.of(), "{_id: 'd', a: 1}");
    Document newer = change(WHOLE, Kind.UPDATE, List.of("b"), null);
    assertThat(joined(older, newer).document()).isNull();
  }
}
