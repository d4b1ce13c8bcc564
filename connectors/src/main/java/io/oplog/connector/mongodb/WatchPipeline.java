package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Aggregates.addFields;
import static com.mongodb.client.model.Aggregates.match;
import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.or;

import com.mongodb.client.model.Field;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.AllFields;
import io.oplog.connector.document.DocumentNeeds.FieldNames;
import io.oplog.connector.document.DocumentNeeds.Fields;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.DocumentNeeds.SomeFields;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespaceFilter.Choice;
import io.oplog.connector.document.NamespacePattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bson.BsonNull;
import org.bson.Document;
import org.bson.conversions.Bson;

/**
 * What a server does with its events before it sends them: it leaves out those that are not wanted,
 * the values of changed fields, of which the names are enough, and, in collections that are wanted
 * by their whole name, what of a document is not. Elsewhere a document is sent as it is, since it
 * is not known beforehand which collections there are.
 */
record WatchPipeline(DocumentNeeds needs) {
  private static final List<String> OF_COLLECTION =
      List.of("insert", "update", "replace", "delete", "drop", "rename");
  private static final String KIND = "operationType";
  private static final String REMOVE = "$$REMOVE";
  private static final String KEY = "$$this.k";

  List<Bson> stages() {
    List<Bson> stages = new ArrayList<>();
    stages.add(match(wanted()));
    stages.add(addFields(new Field<>("updateDescription", changedNames())));
    Map<Fields, List<String>> known = known();
    if (!known.isEmpty()) {
      stages.add(addFields(less("fullDocument", known), less("fullDocumentBeforeChange", known)));
    }
    return stages;
  }

  private Bson wanted() {
    NamespaceCondition from = new NamespaceCondition(needs.namespaces(), "ns");
    NamespaceCondition to = new NamespaceCondition(needs.namespaces(), "to");
    return or(
        and(in(KIND, OF_COLLECTION), from.collection()),
        and(eq(KIND, "rename"), to.collection()),
        and(eq(KIND, "dropDatabase"), from.database()),
        eq(KIND, "invalidate"));
  }

  private static Document changedNames() {
    Document names = map("$updateDescription.updatedFields", KEY);
    Document merged =
        new Document(
            "$mergeObjects", List.of("$updateDescription", new Document("updatedFields", names)));
    Document isUpdate = new Document("$eq", List.of("$" + KIND, "update"));
    return new Document("$cond", List.of(isUpdate, merged, REMOVE));
  }

  private static Document map(String object, Object each) {
    Document fields = new Document("$objectToArray", object);
    return new Document("$map", new Document("input", fields).append("in", each));
  }

  /** The collections that are wanted by their whole name, by what of them is. */
  private Map<Fields, List<String>> known() {
    Map<Fields, List<String>> known = new LinkedHashMap<>();
    for (Choice choice : needs.namespaces().choices()) {
      NamespacePattern pattern = choice.pattern();
      if (NamespacePattern.isName(pattern.database())
          && NamespacePattern.isName(pattern.collection())) {
        Namespace namespace = new Namespace(pattern.database(), pattern.collection());
        Fields fields = needs.fields().apply(namespace);
        known.computeIfAbsent(fields, _ -> new ArrayList<>()).add(namespace.toString());
      }
    }
    known.remove(new AllFields());
    return known;
  }

  /** A document of an event, or less of it. */
  private static Field<?> less(String name, Map<Fields, List<String>> known) {
    List<Document> branches =
        known.entrySet().stream()
            .map(entry -> branch("$" + name, entry.getKey(), entry.getValue()))
            .toList();
    Document choice = new Document("branches", branches).append("default", "$" + name);
    return new Field<>(name, new Document("$switch", choice));
  }

  private static Document branch(String document, Fields fields, List<String> namespaces) {
    Document namespace = new Document("$concat", List.of("$ns.db", ".", "$ns.coll"));
    Document isOne = new Document("$in", List.of(namespace, namespaces));
    Document isThere = new Document("$eq", List.of(new Document("$type", document), "object"));
    return new Document("case", new Document("$and", List.of(isThere, isOne)))
        .append("then", kept(document, fields));
  }

  private static Object kept(String document, Fields fields) {
    return switch (fields) {
      case NoFields _ -> REMOVE;
      case AllFields _ -> document;
      case FieldNames _ -> names(document);
      case SomeFields some -> tops(document, some.paths());
    };
  }

  private static Document names(String document) {
    Document each = new Document("k", KEY).append("v", new BsonNull());
    return new Document("$arrayToObject", map(document, each));
  }

  /** The id, and all of the fields at the top that a path begins with. */
  private static Document tops(String document, Set<String> paths) {
    Set<String> names =
        Stream.concat(Stream.of("_id"), paths.stream())
            .map(path -> path.split("\\.", 2)[0])
            .collect(Collectors.toSet());
    Document fields = new Document("$objectToArray", document);
    Document isKept =
        new Document("$in", List.of(KEY, new Document("$literal", List.copyOf(names))));
    return new Document(
        "$arrayToObject",
        new Document("$filter", new Document("input", fields).append("cond", isKept)));
  }
}
