package io.oplog.server.command;

import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.WriteModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.Document;
import org.bson.conversions.Bson;

/** A document of one writer: what it does to it, and what that changes. Thread-confined. */
final class LiveDocument {
  private static final int MOST_TEAMS = 4;
  private static final int ORGS = 5;

  /** Where it is, as in {@code app.users}. */
  String namespace;

  private final DocumentId id;
  private boolean hasExtra;
  private int teams;
  private long at;
  private long count;

  /** What is to be written, and what it changes. */
  record Step(LiveDocument document, WriteModel<BsonDocument> model, WrittenChange change) {}

  LiveDocument(String namespace, DocumentId id) {
    this.namespace = namespace;
    this.id = id;
  }

  Step insert(Random random) {
    BsonDocument document = whole(random);
    return step('i', new InsertOneModel<>(document), document.keySet());
  }

  Step replace(Random random) {
    BsonDocument document = whole(random);
    return step('u', new ReplaceOneModel<>(filter(), document), document.keySet());
  }

  Step delete() {
    return step('r', new DeleteOneModel<>(filter()), Set.of());
  }

  /** Some operators at once; each changes what it names. */
  Step update(Random random) {
    Document set = new Document("n", ++count).append("at", new BsonDateTime(tick()));
    Document update = new Document("$set", set);
    Set<String> fields = new TreeSet<>(Set.of("n", "at"));
    switch (random.nextInt(4)) {
      case 0 -> fields.add(moveTeams(update, random));
      case 1 -> fields.add(toggleExtra(update, set));
      case 2 -> {
        set.append("name.first", "f" + count);
        fields.add("name");
      }
      default -> {
        set.append("org", "o" + random.nextInt(ORGS) + "-" + count);
        fields.add("org");
      }
    }
    return step('u', new UpdateOneModel<>(filter(), update), fields);
  }

  private String moveTeams(Document update, Random random) {
    if (teams == 0 || (teams < MOST_TEAMS && random.nextBoolean())) {
      update.append("$push", new Document("teams", "t" + count));
      teams++;
    } else {
      update.append("$pop", new Document("teams", 1));
      teams--;
    }
    return "teams";
  }

  private String toggleExtra(Document update, Document set) {
    if (hasExtra) {
      update.append("$unset", new Document("extra", ""));
    } else {
      set.append("extra", "e" + count);
    }
    hasExtra = !hasExtra;
    return "extra";
  }

  private BsonDocument whole(Random random) {
    teams = random.nextInt(MOST_TEAMS);
    hasExtra = random.nextBoolean();
    count++;
    List<BsonString> names = new ArrayList<>();
    for (int i = 0; i < teams; i++) {
      names.add(new BsonString("t" + count + i));
    }
    BsonDocument document =
        new BsonDocument("_id", id.value())
            .append("n", new BsonInt64(count))
            .append("at", new BsonDateTime(tick()))
            .append("org", new BsonString("o" + random.nextInt(ORGS)))
            .append("teams", new BsonArray(names))
            .append("name", new BsonDocument("last", new BsonInt32(random.nextInt())));
    return hasExtra ? document.append("extra", new BsonString("e")) : document;
  }

  /** It is another one each time, or it would not count as changed. */
  private long tick() {
    at = Math.max(System.currentTimeMillis(), at + 1);
    return at;
  }

  private Bson filter() {
    return Filters.eq("_id", id.value());
  }

  private Step step(char letter, WriteModel<BsonDocument> model, Set<String> fields) {
    WrittenChange change = new WrittenChange(namespace, id, letter, List.copyOf(fields));
    return new Step(this, model, change);
  }
}
