package io.oplog.server.command;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * An update that moves the first document of an order away from there, so that another one comes in
 * where there is a limit.
 */
record OrderChange(Bson filter, Bson order, Bson update) {
  private static final Bson ANY = Filters.empty();
  private static final Bson OSLO = Filters.eq("place.city", "Oslo");
  private static final Bson LOWEST = Sorts.ascending("rank", "_id");
  private static final Bson HIGHEST = Sorts.descending("rank", "_id");
  private static final Bson HIGHEST_THERE = Sorts.descending("place.rank");

  static final List<OrderChange> ALL =
      List.of(
          new OrderChange(ANY, LOWEST, Updates.set("rank", 60)),
          new OrderChange(ANY, LOWEST, Updates.inc("rank", 100)),
          new OrderChange(ANY, HIGHEST, Updates.mul("rank", 0.01)),
          new OrderChange(ANY, HIGHEST, Updates.unset("rank")),
          new OrderChange(OSLO, HIGHEST_THERE, Updates.set("place.rank", -1)),
          new OrderChange(OSLO, HIGHEST_THERE, Updates.unset("place.rank")),
          new OrderChange(OSLO, HIGHEST_THERE, Updates.set("place", new Document("city", "Oslo"))));

  void apply(MongoCollection<Document> collection) {
    Document first = Objects.requireNonNull(collection.find(filter).sort(order).first());
    collection.updateOne(Filters.eq(first.get("_id")), update);
  }
}
