package io.oplog.connector.redis;

import static io.oplog.connector.redis.Changes.extended;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespaceFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RedisMessagesTest {
  private static final String HEX = "5f2b8c0a9d3e4f1a2b3c4d5e";
  private static final RedisOptions IDS = RedisOptions.of("redis://localhost");
  private static final RedisOptions WHOLE = IDS.withDocuments(Changes.USERS::equals);

  private record Told(String collection, String single, String body) {}

  private static List<Told> told(RedisOptions options, Document change) {
    List<Told> told = new ArrayList<>();
    new RedisMessages(options)
        .tell(
            change,
            (collection, others, body) ->
                others.forEach(other ->
                    told.add(
                        new Told(
                            new String(collection, UTF_8),
                            new String(other, UTF_8),
                            new String(body, UTF_8)))));
    return told;
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aChangeIsToldAsRedisOplogReadsIt(
      RedisOptions options,
      Kind kind,
      List<String> fields,
      @Nullable String document,
      String body) {
    BsonDocument parsed = document == null ? null : BsonDocument.parse(document);
    Document change = Changes.change(kind, new BsonString("x"), fields, parsed, 1);
    assertThat(told(options, change))
        .containsExactly(new Told("app.users", "app.users::x", body.replace('\'', '"')));
  }

  static Stream<Arguments> changes() {
    String document = "{_id: 'x', a: {b: 1}, 'ü$': null}";
    List<String> none = List.of();
    List<String> some = List.of("a.b", "c", "a.d.0", "c");
    return Stream.of(
        arguments(
            IDS, Kind.INSERT, none, document, "{'e':'i','d':{'_id':'x'},'f':['_id','a','ü$']}"),
        arguments(
            IDS, Kind.REPLACE, none, document, "{'e':'u','d':{'_id':'x'},'f':['_id','a','ü$']}"),
        arguments(IDS, Kind.INSERT, none, "{a: 1}", "{'e':'i','d':{'_id':'x'},'f':['_id','a']}"),
        arguments(IDS, Kind.INSERT, none, null, "{'e':'i','d':{'_id':'x'},'f':['_id']}"),
        arguments(IDS, Kind.UPDATE, some, document, "{'e':'u','d':{'_id':'x'},'f':['a','c']}"),
        arguments(IDS, Kind.UPDATE, some, null, "{'e':'u','d':{'_id':'x'},'f':['a','c']}"),
        arguments(
            IDS.withDotted(true),
            Kind.UPDATE,
            List.of("a.b", "c", "a.d.0"),
            null,
            "{'e':'u','d':{'_id':'x'},'f':['a.b','c','a.d.0']}"),
        arguments(IDS, Kind.DELETE, none, null, "{'e':'r','d':{'_id':'x'},'f':[]}"),
        arguments(
            WHOLE,
            Kind.INSERT,
            none,
            "{a: {b: 1}, _id: 'x'}",
            "{'e':'i','d':{'_id':'x','a':{'b':1}},'f':['_id','a']}"),
        arguments(
            WHOLE,
            Kind.UPDATE,
            some,
            document,
            "{'e':'u','d':{'_id':'x','a':{'b':1},'ü$':null},'f':['a','c']}"),
        arguments(WHOLE, Kind.REPLACE, none, "{_id: 'x'}", "{'e':'u','d':{'_id':'x'},'f':['_id']}"),
        arguments(WHOLE, Kind.DELETE, none, document, "{'e':'r','d':{'_id':'x'},'f':[]}"));
  }

  @Test
  void aWantedDocumentThatIsNoMoreIsNotTold() {
    for (Kind kind : List.of(Kind.INSERT, Kind.UPDATE, Kind.REPLACE)) {
      assertThat(told(WHOLE, Changes.change(kind, new BsonString("x"), List.of("a"), null, 1)))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("ids")
  void theIdIsInTheChannelAndInTheBody(BsonValue id, String channel, String inBody) {
    Document change = Changes.change(Kind.DELETE, id, List.of(), null, 1);
    assertThat(told(IDS.withPrefix("x."), change))
        .containsExactly(
            new Told(
                "x.app.users",
                "x.app.users::" + channel,
                "{\"e\":\"r\",\"d\":{\"_id\":" + inBody + "},\"f\":[]}"));
  }

  static Stream<Arguments> ids() {
    return Stream.of(
        arguments(
            new BsonObjectId(new ObjectId(HEX)),
            HEX,
            "{\"$type\":\"oid\",\"$value\":\"" + HEX + "\"}"),
        arguments(new BsonString(HEX), "-" + HEX, "\"" + HEX + "\""),
        arguments(new BsonString("a$b::ü"), "a$b::ü", "\"a$b::ü\""),
        arguments(extended("1.5"), "~1.5", "1.5"),
        arguments(
            new BsonDocument("$date", extended("{b: 1}")),
            "~{\"$escape\":{\"$date\":{\"b\":1}}}",
            "{\"$escape\":{\"$date\":{\"b\":1}}}"));
  }

  @Test
  void ofCollectionsWhoseDocumentsArePublishedAllFieldsAreNeeded() {
    DocumentNeeds needs = WHOLE.needs(NamespaceFilter.ALL);
    assertThat(needs.fields().apply(Changes.USERS)).isInstanceOf(DocumentNeeds.AllFields.class);
    assertThat(needs.fields().apply(new Namespace("app", "other")))
        .isInstanceOf(DocumentNeeds.FieldNames.class);
    assertThat(needs.before()).isFalse();
  }

  private static final RedisOptions ROOMS =
      IDS.withPrefix("p:")
          .withFieldChannels(
              List.of(FieldChannel.parse("app.users=room"), FieldChannel.parse("app.*=at.city")));

  private static Document moved(Kind kind, @Nullable String document, @Nullable String before) {
    return new Document(
        kind,
        Changes.USERS,
        new BsonString("x"),
        List.of(),
        document == null ? null : BsonDocument.parse(document),
        before == null ? null : BsonDocument.parse(before),
        Changes.time(1),
        0);
  }

  private static List<String> others(Document change) {
    return told(ROOMS, change).stream().map(Told::single).toList();
  }

  @Test
  void aChangeIsToldOnTheChannelsOfWhatAFieldIsAndWas() {
    assertThat(others(moved(Kind.UPDATE, "{room: 7, at: {city: 'Köln'}}", "{room: 'lobby'}")))
        .containsExactly(
            "p:app.users::x",
            "p:app.room::7::users",
            "p:app.room::lobby::users",
            "p:app.at.city::Köln::users");
    assertThat(others(moved(Kind.DELETE, null, "{room: 7}")))
        .containsExactly("p:app.users::x", "p:app.room::7::users");
  }

  @Test
  void aListIsInTheChannelsOfAllItsValuesEachOnceAndNothingInNone() {
    assertThat(others(moved(Kind.INSERT, "{room: [1, 2, 1, null]}", "{room: 2}")))
        .containsExactly("p:app.users::x", "p:app.room::1::users", "p:app.room::2::users");
    assertThat(others(moved(Kind.INSERT, "{other: 1}", null))).containsExactly("p:app.users::x");
  }

  @Test
  void whoNamesFieldsNeedsDocumentsAsTheyAreAndWere() {
    DocumentNeeds needs = ROOMS.needs(NamespaceFilter.ALL);
    assertThat(needs.before()).isTrue();
    assertThat(needs.fields().apply(Changes.USERS)).isEqualTo(new DocumentNeeds.AllFields());
    assertThat(needs.fields().apply(new Namespace("b", "c")))
        .isEqualTo(new DocumentNeeds.FieldNames());
  }
}
