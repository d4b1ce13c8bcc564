package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.core.relay.Source;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a relay takes changes from. */
final class RelayFrom {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private MongoSelection mongo;

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

  private @Nullable String uri;

  @Option(
      names = "--from-password",
      paramLabel = "TEXT",
      description =
          "From an oplog: password of its stream; better given by --from-password-file or"
              + " OPLOG_FROM_PASSWORD.")
  private @Nullable String fromPassword;

  @Option(
      names = "--from-password-file",
      paramLabel = "FILE",
      description = "From an oplog: file whose first line is the password of its stream.")
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

  /** Where changes come from, in words. */
  String shown() {
    return isMongo() ? "MongoDB at " + mongo.place(uri()) : Endpoint.shown(uri());
  }

  /** Resolved once: a file is read, and a secret among the flags warned of, a single time. */
  private String uri() {
    String known = uri;
    if (known == null) {
      known = PasswordOption.resolve(whole(), "--from", from, fromFile, one -> one.contains("@"));
      uri = known;
    }
    if (known == null) {
      throw new ParameterException(command.commandLine(), "--from says where changes come from");
    }
    OplogEnd.requireSource(command, "--from", known);
    return known;
  }

  /** What comes first is asked for first. */
  void requireGiven() {
    String _ = uri();
  }

  private CommandSpec whole() {
    return command.commandLine().getCommandSpec();
  }

  private boolean isMongo() {
    return MongoSelection.isMongo(uri());
  }

  /** As operations. */
  Source<Operation> operations() {
    if (isMongo()) {
      requireNoOplogOptions();
      return mongo.operations(uri());
    }
    mongo.requireNone();
    Endpoint endpoint = endpoint();
    return new OplogEnd(endpoint, endpoint).source(new Filter(types(), Set.of()));
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
    requireNoOplogOptions();
    return mongo.documents(uri(), needs);
  }

  /** The types that an oplog has from this relay alone; empty where that is not known. */
  Set<String> types() {
    return isMongo() ? mongo.types() : SyncCommand.lowerCase(types);
  }

  private void requireNoOplogOptions() {
    if (!types.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "--types is for --from http://…: --rules name those of documents");
    }
    if (fromPassword != null || fromPasswordFile != null) {
      throw new ParameterException(
          command.commandLine(),
          "--from-password is for an oplog: an address of MongoDB has its own");
    }
  }

  private Endpoint endpoint() {
    String password =
        PasswordOption.resolve(whole(), "--from-password", fromPassword, fromPasswordFile);
    try {
      return Endpoint.of(uri()).withPassword(password);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--from: " + e.getMessage());
    }
  }
}
