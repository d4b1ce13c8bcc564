package io.oplog.connector.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.exists;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.ne;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Filters.regex;

import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespaceFilter.Choice;
import io.oplog.connector.document.NamespacePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bson.BsonTimestamp;
import org.bson.conversions.Bson;

/**
 * Says to a server which entries of its oplog may tell something that is wanted. What cannot be
 * said in a condition is decided here afterwards, as is what a transaction holds that has several
 * entries: of these the last one passes.
 */
record EntryCondition(NamespaceFilter filter) {
  private static final List<String> GONE = List.of("drop", "dropDatabase", "renameCollection");
  private static final BsonTimestamp NEVER = new BsonTimestamp(0);

  Bson mayBeWanted() {
    return and(ne(Entry.MIGRATION, true), or(documents(), commands()));
  }

  private Bson documents() {
    return and(in(Entry.KIND, "i", "u", "d"), namespaces());
  }

  private Bson commands() {
    List<Bson> commands = new ArrayList<>();
    GONE.forEach(command -> commands.add(exists(object(command))));
    commands.add(exists(object(Entry.COMMIT)));
    commands.add(applied());
    return and(eq(Entry.KIND, Entry.COMMAND), or(commands));
  }

  /** One that says something of a wanted pattern, or has parts that cannot be seen in it. */
  private Bson applied() {
    String within = object(Entry.OPERATIONS);
    List<Bson> some = new ArrayList<>();
    some.add(eq(within + "." + Entry.KIND, Entry.COMMAND));
    some.add(and(exists(within), gt(Entry.PREVIOUS + "." + Entry.TIME, NEVER)));
    filter.choices().stream()
        .filter(Choice::isWanted)
        .map(choice -> matches(within + "." + Entry.NAMESPACE, choice.pattern()))
        .forEach(some::add);
    List<Bson> all = new ArrayList<>();
    Entry.HELD.forEach(mark -> all.add(ne(object(mark), true)));
    all.add(or(some));
    return and(all);
  }

  private static String object(String name) {
    return Entry.OBJECT + "." + name;
  }

  /** Whether a collection is wanted, whose name stands with that of its database in one text. */
  Bson namespaces() {
    List<Bson> own = new ArrayList<>();
    own.add(
        regex(Entry.NAMESPACE, "^(" + String.join("|", NamespaceCondition.OWN_DATABASES) + ")\\."));
    own.add(regex(Entry.NAMESPACE, "^[^.]*\\.system\\."));
    return NamespaceCondition.decided(
        filter.choices(), pattern -> matches(Entry.NAMESPACE, pattern), own);
  }

  private static Bson matches(String field, NamespacePattern pattern) {
    if (NamespacePattern.isName(pattern.database())
        && NamespacePattern.isName(pattern.collection())) {
      return eq(field, pattern.toString());
    }
    String database = expression(pattern.database(), "[^.]*");
    String collection = expression(pattern.collection(), ".*");
    return regex(field, "^" + database + "\\." + collection + "$");
  }

  private static String expression(String part, String any) {
    return part.chars()
        .mapToObj(c -> c == '*' ? any : NamespaceCondition.quoted(Character.toString(c)))
        .collect(Collectors.joining());
  }
}
