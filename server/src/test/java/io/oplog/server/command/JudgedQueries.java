package io.oplog.server.command;

import java.util.List;
import java.util.stream.Stream;
import org.bson.Document;
import org.bson.types.ObjectId;

/** What is observed, as JSON. */
final class JudgedQueries {
  /** The string of this id would be taken for that of an {@link ObjectId}, and so on. */
  static final List<Object> IDS =
      List.of(
          new ObjectId("64b0c0ffee64b0c0ffee64b0"),
          "64b0c0ffee64b0c0ffee64b0",
          "64B0C0FFEE64B0C0FFEE64B0",
          "plain",
          "-dash",
          "~7",
          "{brace}",
          "a$b",
          "a::b",
          "b\u00e9 \ud834\udd1e \"quoted\"",
          "",
          "7",
          7,
          -3,
          2.5,
          1e21,
          0,
          true);

  /** One of which only parts are observed, so that only parts are read again. */
  static final String PARTLY = "partly";

  private static final List<String> OF_THINGS =
      List.of(
          "{}",
          "{'selector': {'state': 'open'}}",
          "{'selector': {'$or': [{'state': 'open'}, {'rank': {'$gte': 40}}]}}",
          "{'selector': {'place.city': 'Oslo', 'state': {'$ne': 'closed'}}}",
          "{'selector': {'tags': 'red'}}",
          "{'selector': {'tags': {'$in': ['blue', 3]}, 'rank': {'$lt': 30}}}",
          "{'selector': {'state': {'$exists': false}}}",
          "{'selector': {'state': null}, 'options': {'sort': {'rank': 1}}}",
          "{'selector': {'state': 'open'}, 'options': {'fields': {'rank': 1, 'place.city': 1}}}",
          "{'options': {'fields': {'note': 0, 'place.rank': 0}}}",
          "{'selector': {'_id': {'$in': ['plain', '-dash', 7, true]}}}",
          "{'selector': {'_id': {'$in': ['~7', 2.5]}, 'rank': {'$gte': 10}}}",
          "{'selector': {'_id': 'plain', 'state': 'open'}}",
          "{'selector': {'_id': 'partly'}, 'options': {'fields': {'place.city': 1}}}",
          "{'selector': {'_id': 'partly', 'state': 'open'}, 'options': {'fields': {'place': 1}}}");

  /** In orders that leave no choice. */
  private static final List<String> OF_RANKED =
      List.of(
          "{}",
          "{'options': {'limit': 5, 'sort': {'rank': 1, '_id': 1}}}",
          "{'options': {'limit': 5, 'sort': {'rank': -1, '_id': -1}}}",
          "{'selector': {'state': 'open'}, 'options': {'limit': 8, 'sort': {'rank': -1, '_id': 1}}}",
          "{'selector': {'place.city': 'Oslo'},"
              + " 'options': {'limit': 7, 'sort': {'place.rank': -1, '_id': 1}}}",
          "{'options': {'limit': 12, 'sort': {'place': 1, '_id': 1}}}",
          "{'options': {'limit': 12, 'sort': {'state': 1, 'rank': -1, '_id': 1}}}",
          "{'selector': {'rank': {'$gte': 10}}, 'options': {'limit': 5}}",
          "{'options': {'limit': 5, 'skip': 3, 'sort': {'rank': -1, '_id': 1}}}",
          "{'selector': {'state': 'open'},"
              + " 'options': {'limit': 6, 'sort': {'rank': 1, '_id': 1}, 'fields': {'tags': 1}}}",
          "{'options': {'limit': 6, 'sort': {'rank': 1, '_id': 1}, 'fields': {'note': 0}}}",
          "{'options': {'limit': 100, 'sort': {'rank': 1, '_id': 1}}}");

  private JudgedQueries() {}

  /** Those of a collection whose ids come again after a removal. */
  static List<String> ofThings() {
    Stream<String> byId = IDS.stream().map(id -> "{\"selector\": {\"_id\": " + ejson(id) + "}}");
    return Stream.concat(byId, quoted(OF_THINGS)).toList();
  }

  /**
   * Those with limits. To redis-oplog a document that comes again under its {@code _id} before its
   * removal was worked off has not changed there, so it must not.
   */
  static List<String> ofRanked() {
    return quoted(OF_RANKED).toList();
  }

  private static Stream<String> quoted(List<String> queries) {
    return queries.stream().map(query -> query.replace('\'', '"'));
  }

  private static String ejson(Object id) {
    if (id instanceof ObjectId oid) {
      return "{\"$type\": \"oid\", \"$value\": \"" + oid.toHexString() + "\"}";
    }
    String text = new Document("id", id).toJson();
    return text.substring("{\"id\": ".length(), text.length() - 1);
  }
}
