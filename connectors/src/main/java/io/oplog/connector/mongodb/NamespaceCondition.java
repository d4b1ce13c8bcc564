package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.nor;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Filters.regex;

import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespaceFilter.Choice;
import io.oplog.connector.document.NamespacePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.bson.conversions.Bson;

/**
 * Says to a server which namespaces are wanted: what {@link NamespaceFilter#wants} decides here.
 *
 * @param field that holds a namespace in an event: {@code ns} or {@code to}
 */
record NamespaceCondition(NamespaceFilter filter, String field) {
  /** What a server has for itself. */
  static final Set<String> OWN_DATABASES = Set.of("admin", "config", "local");

  private static final String OWN_COLLECTIONS = "system.";
  private static final String ANY = "*";
  private static final Bson ALL = new BsonDocument();

  static boolean isOwn(String database, String collection) {
    return OWN_DATABASES.contains(database) || collection.startsWith(OWN_COLLECTIONS);
  }

  /** Whether a collection is wanted. */
  Bson collection() {
    List<Bson> unwanted = own();
    unwanted.add(regex(field + ".coll", "^" + quoted(OWN_COLLECTIONS)));
    return decided(filter.choices(), this::matches, unwanted);
  }

  /** Whether any collection of a database may be. */
  Bson database() {
    List<Choice> whole =
        filter.choices().stream()
            .filter(choice -> choice.isWanted() || choice.pattern().collection().equals(ANY))
            .map(NamespaceCondition::ofDatabase)
            .toList();
    return decided(whole, this::matches, own());
  }

  private List<Bson> own() {
    List<Bson> own = new ArrayList<>();
    own.add(in(field + ".db", OWN_DATABASES));
    return own;
  }

  private static Choice ofDatabase(Choice choice) {
    return new Choice(new NamespacePattern(choice.pattern().database(), ANY), choice.isWanted());
  }

  /** The first choice whose pattern matches: of those before it only the others can tell. */
  static Bson decided(
      List<Choice> choices, Function<NamespacePattern, Bson> matches, List<Bson> own) {
    List<Bson> unwanted = new ArrayList<>(own);
    List<Bson> wanted = new ArrayList<>();
    for (Choice choice : choices) {
      if (choice.isWanted()) {
        wanted.add(and(matches.apply(choice.pattern()), nor(List.copyOf(unwanted))));
      } else {
        unwanted.add(matches.apply(choice.pattern()));
      }
    }
    return wanted.isEmpty() ? nor(ALL) : or(wanted);
  }

  private Bson matches(NamespacePattern pattern) {
    Bson database = matches(field + ".db", pattern.database());
    Bson collection = matches(field + ".coll", pattern.collection());
    return and(database, collection);
  }

  private static Bson matches(String name, String part) {
    if (part.equals(ANY)) {
      return ALL;
    }
    return NamespacePattern.isName(part) ? eq(name, part) : regex(name, expression(part));
  }

  /** Without the {@code \Q} of Java, which not every server knows. */
  private static String expression(String part) {
    return part.chars()
        .mapToObj(c -> c == '*' ? ".*" : quoted(Character.toString(c)))
        .collect(Collectors.joining("", "^", "$"));
  }

  static String quoted(String text) {
    return text.replaceAll("[\\p{ASCII}&&[^A-Za-z0-9_]]", "\\\\$0");
  }
}
