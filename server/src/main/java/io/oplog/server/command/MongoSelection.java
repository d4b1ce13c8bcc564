package io.oplog.server.command;

import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespacePattern;
import io.oplog.connector.document.RuleException;
import io.oplog.connector.document.RuledSource;
import io.oplog.connector.document.Rules;
import io.oplog.connector.mongodb.MongoSource;
import io.oplog.connector.mongodb.MongoSourceOptions;
import io.oplog.connector.mongodb.Reading;
import io.oplog.connector.mongodb.Watch;
import io.oplog.core.relay.Source;
import io.oplog.protocol.Operation;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is taken from MongoDB, and how. */
final class MongoSelection {
  private static final DocumentNeeds NOTHING =
      new DocumentNeeds(NamespaceFilter.ALL, _ -> new DocumentNeeds.NoFields(), false);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description =
          "From MongoDB to operations: how documents become objects, a line for each pattern of"
              + " collections, as in 'app.users type=user parents=org/{orgId}'. By default every"
              + " collection is a type, and each _id an id.")
  private @Nullable Path rules;

  @Option(
      names = "--include",
      paramLabel = "PATTERN",
      split = ",",
      description =
          "From MongoDB: only these collections, as in app.users, app.* or app, with commas between"
              + " them (default: all).")
  private List<NamespacePattern> include = List.of();

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      split = ",",
      description = "From MongoDB: leave these collections out, also of those of --include.")
  private List<NamespacePattern> exclude = List.of();

  @Option(
      names = "--watch",
      paramLabel = "WHAT",
      description =
          "From MongoDB: a database, or a collection as in app.users, that the change stream is opened"
              + " on, for a user who may see no more. By default the whole deployment is watched: a"
              + " stream on less ends when that is dropped.")
  private @Nullable NamespacePattern watch;

  @Option(
      names = "--read",
      paramLabel = "WAY",
      description =
          "From MongoDB: changes, its change stream; or oplog, the log of a replica set itself, entry by"
              + " entry: not of a sharded cluster, for a user who may read the database local, and"
              + " without pre-images (default: changes).")
  private @Nullable Way read;

  private enum Way {
    CHANGES,
    OPLOG
  }

  private @Nullable Text text;

  /** Whether an address is one of MongoDB. */
  static boolean isMongo(String uri) {
    return uri.startsWith("mongodb:") || uri.startsWith("mongodb+srv:");
  }

  /** The hosts of an address. */
  String place(String uri) {
    return options(uri, NOTHING, "").place();
  }

  /** What changes, as operations. */
  Source<Operation> operations(String uri) {
    Text text = text();
    return new RuledSource(
        new MongoSource(options(uri, text.rules().needs(), text.text())), text.rules());
  }

  /**
   * What changes, as it is told.
   *
   * @param needs of those that are wanted
   */
  Source<DocumentChange> documents(String uri, Function<NamespaceFilter, DocumentNeeds> needs) {
    if (rules != null) {
      throw new ParameterException(
          command.commandLine(),
          "--rules make operations, which do not go to Redis: --include and --exclude do");
    }
    return new MongoSource(options(uri, needs.apply(filter()), "documents"));
  }

  /** The types that all operations have; empty where that is not known. */
  Set<String> types() {
    return text().rules().types();
  }

  /** For another source. */
  void requireNone() {
    if (rules != null
        || watch != null
        || read != null
        || !include.isEmpty()
        || !exclude.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "--rules, --include, --exclude, --watch and --read are for a source that is a MongoDB");
    }
  }

  /** The driver's own message may hold a part of the password. */
  private MongoSourceOptions options(String uri, DocumentNeeds needs, String identity) {
    Watch watched = watched();
    Reading reading = reading();
    try {
      return MongoSourceOptions.of(uri, needs, identity).withWatch(watched).withReading(reading);
    } catch (IllegalArgumentException _) {
      throw new ConfigException(
          "not an address like mongodb://user:password@h1,h2/?replicaSet=rs; special characters of"
              + " user and password are percent-encoded");
    }
  }

  private Reading reading() {
    if (read != Way.OPLOG) {
      return new Reading.Changes();
    }
    if (watch != null) {
      throw new ParameterException(
          command.commandLine(), "--watch is for change streams: an oplog is read as a whole");
    }
    return new Reading.Log();
  }

  private Watch watched() {
    try {
      return Watched.of(watch);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--watch " + e.getMessage());
    }
  }

  /** Rules, and what tells them from others. */
  private record Text(Rules rules, String text) {}

  /** Read once, so that the types are those of the rules in force. */
  private Text text() {
    Text known = text;
    if (known == null) {
      known = read();
      text = known;
    }
    return known;
  }

  private Text read() {
    Path file = rules;
    if (file == null) {
      return new Text(Rules.of(filter()), "rules " + include + " " + exclude);
    }
    if (!include.isEmpty() || !exclude.isEmpty()) {
      throw new ParameterException(
          command.commandLine(),
          "--rules say what is included: not --include or --exclude as well");
    }
    return read(file);
  }

  private static Text read(Path file) {
    try {
      String text = Files.readString(file);
      return new Text(Rules.parse(text), text);
    } catch (RuleException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + " of --rules: " + FileReason.of(e));
    }
  }

  private NamespaceFilter filter() {
    return NamespaceFilter.of(include, exclude);
  }
}
