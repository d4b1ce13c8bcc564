package io.oplog.server.command;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.PushOptions;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import java.util.List;
import java.util.Random;
import org.bson.Document;
import org.bson.conversions.Bson;

/** Updates of one document in all forms: by operators, at paths, within arrays, by stages. */
final class RandomUpdates {
  private final Random random;
  private final RandomDocuments documents;

  RandomUpdates(Random random, RandomDocuments documents) {
    this.random = random;
    this.documents = documents;
  }

  /** An update of the documents that a filter finds, at most one. */
  UpdateOneModel<Document> of(Bson filter) {
    return switch (random.nextInt(10)) {
      case 0 -> new UpdateOneModel<>(filter, List.of(stage(), stage()));
      case 1 -> new UpdateOneModel<>(Filters.and(filter, Filters.exists("tags.0")), elementAt());
      case 2 ->
          new UpdateOneModel<>(Filters.and(filter, Filters.exists("tags")), matched(), only());
      default -> new UpdateOneModel<>(filter, operators());
    };
  }

  private static Bson elementAt() {
    return Updates.set("tags.0", "red");
  }

  private static Bson matched() {
    return Updates.set("tags.$[one]", "green");
  }

  private static UpdateOptions only() {
    return new UpdateOptions().arrayFilters(List.of(Filters.eq("one", 3)));
  }

  /** One operator, or two of different fields. */
  Bson operators() {
    return random.nextInt(4) == 0
        ? Updates.combine(ofState(), ofPlace(), Updates.set("note", documents.value()))
        : one();
  }

  private Bson one() {
    return switch (random.nextInt(6)) {
      case 0 -> ofState();
      case 1 -> ofRank();
      case 2 -> ofPlace();
      case 3 -> ofTags();
      case 4 -> Updates.set("note", documents.value());
      default -> aside();
    };
  }

  private Bson ofState() {
    return random.nextInt(4) == 0
        ? Updates.unset("state")
        : Updates.set("state", documents.state());
  }

  private Bson ofRank() {
    return switch (random.nextInt(6)) {
      case 0 -> Updates.inc("rank", random.nextInt(-9, 9));
      case 1 -> Updates.mul("rank", 0.5);
      case 2 -> Updates.min("rank", documents.rank());
      case 3 -> Updates.max("rank", documents.rank());
      default -> Updates.set("rank", documents.rank());
    };
  }

  private Bson ofPlace() {
    return switch (random.nextInt(5)) {
      case 0 -> Updates.set("place", documents.place());
      case 1 -> Updates.unset("place.rank");
      case 2 -> Updates.inc("place.rank", 1);
      case 3 -> Updates.set("place.rank", documents.rank());
      default -> Updates.set("place.city", documents.city());
    };
  }

  private Bson ofTags() {
    return switch (random.nextInt(7)) {
      case 0 -> Updates.push("tags", documents.tag());
      case 1 -> Updates.pushEach("tags", documents.tags(), new PushOptions().slice(-4));
      case 2 -> Updates.addToSet("tags", documents.tag());
      case 3 -> Updates.pull("tags", documents.tag());
      case 4 -> Updates.popFirst("tags");
      case 5 -> Updates.popLast("tags");
      default -> Updates.set("tags", documents.tags());
    };
  }

  /** Of fields that nobody asks about, and one that changes nothing where it is repeated. */
  private Bson aside() {
    return switch (random.nextInt(4)) {
      case 0 -> Updates.rename("note", "old");
      case 1 -> Updates.currentDate("touched");
      case 2 -> Updates.set("deep.er.and", List.of(documents.value()));
      default -> Updates.set("same", 1);
    };
  }

  private Bson stage() {
    return switch (random.nextInt(3)) {
      case 0 -> new Document("$set", new Document("rank", documents.rank()));
      case 1 -> new Document("$unset", "note");
      default -> new Document("$set", new Document("place.city", "$state"));
    };
  }
}
