package io.oplog.connector.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.DocumentNeeds.SomeFields;
import io.oplog.connector.document.DocumentOperations.UnknownObjectException;
import io.oplog.protocol.Operation;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  private static final long MILLIS = 1_700_000_000_123L;
  private static final Namespace USERS = new Namespace("app", "Users");

  private static DocumentChange.Document change(
      Kind kind, BsonValue id, @Nullable String before, @Nullable String after) {
    return new DocumentChange.Document(
        kind,
        USERS,
        id,
        List.of(),
        after == null ? null : BsonDocument.parse(after),
        before == null ? null : BsonDocument.parse(before),
        new ChangeTime(1, 0),
        MILLIS);
  }

  private static DocumentChange.Document change(
      Kind kind, @Nullable String before, @Nullable String after) {
    return change(kind, new BsonString("u1"), before, after);
  }

  /** As in {@code update user/u1 [org/o1]}. */
  private static List<String> operations(String rules, DocumentChange.Document change)
      throws Exception {
    Rule rule = Rules.parse(rules).of(change.namespace()).orElseThrow();
    return new DocumentOperations(rule, change).list().stream().map(RulesTest::text).toList();
  }

  private static String text(Operation operation) {
    String object = operation.type() + "/" + operation.id();
    return operation.kind().wireName() + " " + object + " " + operation.parents();
  }

  @Test
  void aCollectionIsATypeAndItsIdsAreIds() throws Exception {
    assertThat(operations("*", change(Kind.INSERT, null, "{}")))
        .containsExactly("insert users/u1 []");
    assertThat(operations("*", change(Kind.REPLACE, null, "{}")))
        .containsExactly("update users/u1 []");
    assertThat(operations("*", change(Kind.DELETE, null, null)))
        .containsExactly("delete users/u1 []");
    ObjectId id = new ObjectId("6920c0de0001000000000a2f");
    assertThat(operations("*", change(Kind.DELETE, new BsonObjectId(id), null, null)))
        .containsExactly("delete users/6920c0de0001000000000a2f []");
    assertThat(operations("*", change(Kind.DELETE, new BsonInt32(7), null, null)))
        .containsExactly("delete users/7 []");
    BsonDocument composed = BsonDocument.parse("{a: 1, b: 'x'}");
    assertThat(operations("*", change(Kind.DELETE, composed, null, null)))
        .containsExactly("delete users/{\"a\": 1, \"b\": \"x\"} []");
  }

  @Test
  void parentsComeFromFieldsAndAListMakesOneOfEach() throws Exception {
    String rules = "app.* type=user parents=org/{org.id},team/{teams},all,{database}/{none}";
    assertThat(operations(rules, change(Kind.UPDATE, null, "{org: {id: 7}, teams: ['a', 'b']}")))
        .containsExactly("update user/u1 [org/7, team/a, team/b, all]");
    assertThat(
            operations("app.* parents=t/{l.x}", change(Kind.UPDATE, null, "{l: [{x: 1}, {x: 2}]}")))
        .containsExactly("update users/u1 [t/1, t/2]");
  }

  @Test
  void whoHoldsByAParentThatWasLeftHearsOfIt() throws Exception {
    assertThat(operations("* parents=org/{org}", change(Kind.UPDATE, "{org: 'a'}", "{org: 'b'}")))
        .containsExactly("update users/u1 [org/b, org/a]", "update users/u1 [org/b]");
    assertThat(operations("* parents=org/{org}", change(Kind.DELETE, "{org: 'a'}", null)))
        .containsExactly("delete users/u1 [org/a]");
  }

  @Test
  void aDocumentThatBecomesAnotherObjectIsNoMoreWhatItWas() throws Exception {
    assertThat(operations("* type={kind}", change(Kind.UPDATE, "{kind: 'Cat'}", "{kind: 'dog'}")))
        .containsExactly("delete cat/u1 []", "update dog/u1 []");
    assertThat(operations("* type={kind}", change(Kind.DELETE, "{kind: 'cat'}", null)))
        .containsExactly("delete cat/u1 []");
    assertThat(operations("* type={kind}", change(Kind.UPDATE, "{kind: 'cat'}", "{}")))
        .containsExactly("delete cat/u1 []");
    assertThat(operations("* type={kind}", change(Kind.INSERT, null, "{}"))).isEmpty();
  }

  @Test
  void whichObjectWasDeletedMustBeKnown() {
    assertThatExceptionOfType(UnknownObjectException.class)
        .isThrownBy(() -> operations("* type={kind}", change(Kind.DELETE, null, null)))
        .withMessageContaining("u1 of app.Users")
        .withMessageContaining("changeStreamPreAndPostImages");
    assertThatExceptionOfType(UnknownObjectException.class)
        .isThrownBy(() -> operations("* type={a.kind}", changed("{a: {kind: 'dog'}}", "a")));
    assertThatExceptionOfType(UnknownObjectException.class)
        .isThrownBy(() -> operations("* type={kind}", change(Kind.REPLACE, null, "{kind: 'dog'}")));
  }

  @Test
  void whatDoesNotTouchTypeAndIdNeedsNoPreImage() throws Exception {
    assertThat(operations("* type={kind}", changed("{kind: 'dog'}", "name.first", "kinds")))
        .containsExactly("update dog/u1 []");
  }

  /** An update of which only the fields are known that changed. */
  private static DocumentChange.Document changed(String after, String... fields) {
    return new DocumentChange.Document(
        Kind.UPDATE,
        USERS,
        new BsonString("u1"),
        List.of(fields),
        BsonDocument.parse(after),
        null,
        new ChangeTime(1, 0),
        MILLIS);
  }

  @Test
  void aFieldCanTellWhenADocumentChanged() throws Exception {
    Rule rule = Rules.parse("* timestamp=at").of(USERS).orElseThrow();
    DocumentChange.Document told =
        change(Kind.UPDATE, null, "{at: {$date: '2026-11-22T03:00:00Z'}}");
    assertThat(new DocumentOperations(rule, told).list().getFirst().timestampMillis())
        .isEqualTo(1_795_316_400_000L);
    DocumentChange.Document nanos = change(Kind.UPDATE, null, "{at: 1700000000123000000}");
    assertThat(new DocumentOperations(rule, nanos).list().getFirst().timestampMillis())
        .isEqualTo(MILLIS);
    DocumentChange.Document silent = change(Kind.UPDATE, null, "{at: 'yesterday'}");
    assertThat(new DocumentOperations(rule, silent).list().getFirst().timestampMillis())
        .isEqualTo(MILLIS);
  }

  @Test
  void theFirstLineThatMatchesDecides() throws Exception {
    Rules rules =
        Rules.parse(
            """
            # what the application keeps for itself
            app.sessions exclude
            app.sess*    type=other   # not the one above
            app.users    type=User parents=org/{org} timestamp=at
            """);
    assertThat(rules.of(new Namespace("app", "sessions"))).isEmpty();
    assertThat(rules.of(new Namespace("app", "sess.x"))).isPresent();
    assertThat(rules.of(new Namespace("app", "Users"))).isEmpty();
    assertThat(rules.of(new Namespace("other", "users"))).isEmpty();
    assertThat(rules.types()).containsExactlyInAnyOrder("user", "other");
    assertThat(rules.needs().before()).isTrue();
    assertThat(rules.needs().fields().apply(new Namespace("app", "users")))
        .isEqualTo(new SomeFields(Set.of("org", "at")));
    assertThat(rules.needs().fields().apply(new Namespace("app", "sess")))
        .isEqualTo(new NoFields());
    assertThat(rules.concerns(gone("app", "sessions"))).isFalse();
    assertThat(rules.concerns(gone("app", "users"))).isTrue();
    assertThat(rules.concerns(gone("app", ""))).isTrue();
    assertThat(rules.concerns(gone("other", ""))).isFalse();
    assertThat(Rules.of(NamespaceFilter.ALL).types()).isEmpty();
    assertThat(Rules.of(NamespaceFilter.ALL).needs().before()).isFalse();
  }

  private static DocumentChange.Gone gone(String database, String collection) {
    return new DocumentChange.Gone(new Namespace(database, collection), new ChangeTime(1, 0), 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          app.users tpye=user            | there is no 'tpye'
          app.users exclude type=user    | 'exclude' is neither
          app.users type=                | 'type=' is neither
          app.users type=a/b             | a type is without / and ,
          app.users type=a type=b        | type is given twice
          app.users parents=org/{id      | has a { without a field and a }
          app.users parents=org/{}       | has a { without a field and a }
          app.users parents=org/id}      | has a } without a {
          app.users parents=a,,b         | a template is empty
          .users                         | is not like DATABASE.COLLECTION
          app.                           | is not like DATABASE.COLLECTION
          """)
  void aWrongLineIsRefusedWithItsNumber(String line, String reason) {
    assertThatExceptionOfType(RuleException.class)
        .isThrownBy(() -> Rules.parse("\n# a comment\n" + line + "\napp.*\n"))
        .withMessageStartingWith("line 3: ")
        .withMessageContaining(reason);
  }

  @Test
  void noRuleAtAllIsAMistake() {
    assertThatExceptionOfType(RuleException.class)
        .isThrownBy(() -> Rules.parse("# nothing\n"))
        .withMessageContaining("there is no rule");
  }
}
