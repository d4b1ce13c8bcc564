package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespacePattern;
import io.oplog.connector.document.RuleException;
import io.oplog.connector.document.RuledSource;
import io.oplog.connector.document.Rules;
import io.oplog.connector.mongodb.MongoSource;
import io.oplog.connector.mongodb.MongoSourceOptions;
import io.oplog.connector.mongodb.Watch;
import io.oplog.core.relay.Source;
import io.oplog.protocol.Filter;
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

/** Where a relay takes changes from. */
final class RelayFrom {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--from",
      paramLabel = "URI",
      description =
          "Where changes come from: another oplog, as in http://host:8042, or a MongoDB replica set"
              + " or sharded cluster, as in mongodb://user:password@h1,h2/?replicaSet=rs. With a password"
              + " in it better given by --from-file or OPLOG_FROM.")
  private @Nullable String from;

  @Option(
      names = "--from-file",
      paramLabel = "FILE",
      description = "File whose first line is the URI of --from.")
  private @Nullable Path fromFile;

  @Option(
      names = "--from-password",
      paramLabel = "TEXT",
      description =
          "Password of the stream of an oplog; better given by --from-password-file or"
              + " OPLOG_FROM_PASSWORD.")
  private @Nullable String fromPassword;

  @Option(
      names = "--from-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of the stream of an oplog.")
  private @Nullable Path fromPasswordFile;

  @Option(
      names = "--types",
      paramLabel = "TYPE",
      split = ",",
      description =
          "From an oplog: only objects of these types, with commas between them. Where --to is an"
              + " oplog too, it has them from this relay alone: what the source does not have is deleted"
              + " there.")
  private List<String> types = List.of();

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

  /** Where changes come from, in words. */
  String shown() {
    return isMongo() ? mongo(new DocumentNeeds(filter(), _ -> new DocumentNeeds.NoFields(), false), "").place() : Endpoint.shown(uri());
  }

  private String uri() {
    String given = PasswordOption.resolve(whole(), "--from", from, fromFile, one -> one.contains("@"));
    if (given == null) {
      throw new ParameterException(command.commandLine(), "--from says where changes come from");
    }
    return given;
  }

  private CommandSpec whole() {
    return command.commandLine().getCommandSpec();
  }

  /** Whether what comes are documents. */
  boolean isMongo() {
    return uri().startsWith("mongodb:") || uri().startsWith("mongodb+srv:");
  }

  /** As operations. */
  Source<Operation> operations() {
    if (!isMongo()) {
      requireNone("--rules", rules);
      requireNoPatterns();
      Endpoint endpoint = endpoint();
      return new OplogEnd(endpoint, endpoint).source(new Filter(types(), Set.of()));
    }
    requireNone("--types", types.isEmpty() ? null : types);
    RulesText text = rulesText();
    return new RuledSource(source(text.rules().needs(), text.text()), text.rules());
  }

  /**
   * As changes of documents.
   *
   * @param needs of those that are wanted
   */
  Source<DocumentChange> documents(Function<NamespaceFilter, DocumentNeeds> needs) {
    if (!isMongo()) {
      throw new ParameterException(
          command.commandLine(),
          "an oplog does not tell which fields changed, which whoever reads from Redis must know:"
              + " take --from mongodb://…");
    }
    requireNone("--types", types.isEmpty() ? null : types);
    requireNone("--rules", rules);
    return source(needs.apply(filter()), "documents");
  }

  private Source<DocumentChange> source(DocumentNeeds needs, String identity) {
    return new MongoSource(mongo(needs, identity));
  }

  /** The types that an oplog has from this relay alone; empty where that is not known. */
  Set<String> types() {
    return isMongo() ? rulesText().rules().types() : SyncCommand.lowerCase(types);
  }

  private Endpoint endpoint() {
    String password =
        PasswordOption.resolve(whole(), "--from-password", fromPassword, fromPasswordFile);
    try {
      Endpoint endpoint = Endpoint.of(uri());
      return password == null ? endpoint : endpoint.withPassword(password);
    } catch (IllegalArgumentException e) {
      throw wrong("--from", String.valueOf(e.getMessage()));
    }
  }

  /** The driver's own message may hold a part of the password. */
  private MongoSourceOptions mongo(DocumentNeeds needs, String identity) {
    Watch watched = watched();
    try {
      return MongoSourceOptions.of(uri(), needs, identity).withWatch(watched);
    } catch (IllegalArgumentException _) {
      throw wrong(
          "--from",
          "not an address like mongodb://user:password@h1,h2/?replicaSet=rs; special characters of"
              + " user and password are percent-encoded");
    }
  }

  private Watch watched() {
    try {
      return Watched.of(watch);
    } catch (IllegalArgumentException e) {
      throw wrong("--watch", String.valueOf(e.getMessage()));
    }
  }

  /** Rules, and what tells them from others. */
  private record RulesText(Rules rules, String text) {}

  private RulesText rulesText() {
    Path file = rules;
    if (file == null) {
      return new RulesText(Rules.of(filter()), "rules " + include + " " + exclude);
    }
    requireNoPatterns();
    try {
      String text = Files.readString(file);
      return new RulesText(Rules.parse(text), text);
    } catch (RuleException e) {
      throw new ConfigException(file + ": " + e.getMessage());
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + " of --rules: " + FileReason.of(e));
    }
  }

  private NamespaceFilter filter() {
    return NamespaceFilter.of(include, exclude);
  }

  private void requireNoPatterns() {
    String with = rules == null ? " is for --from mongodb://…" : " and --rules cannot both be given";
    if (!include.isEmpty() || !exclude.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), (include.isEmpty() ? "--exclude" : "--include") + with);
    }
  }

  private void requireNone(String option, @Nullable Object value) {
    if (value != null) {
      throw new ParameterException(
          command.commandLine(), option + " is not for this kind of ends: see --help");
    }
  }

  private ParameterException wrong(String option, String message) {
    return new ParameterException(command.commandLine(), option + ": " + message);
  }
}
