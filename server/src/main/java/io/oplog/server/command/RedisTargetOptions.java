package io.oplog.server.command;

import io.oplog.connector.document.Conflation;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespacePattern;
import io.oplog.connector.redis.Authorities;
import io.oplog.connector.redis.FieldChannel;
import io.oplog.connector.redis.RedisOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is published to Redis. */
final class RedisTargetOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--documents",
      paramLabel = "PATTERN",
      split = ",",
      description =
          "To Redis: publish whole documents of these collections, for those that are configured with"
              + " protectAgainstRaceConditions: false; of all others the ids, as in app.users, app.* or"
              + " app, with commas between them.")
  private List<NamespacePattern> documents = List.of();

  @Option(
      names = "--field-channels",
      paramLabel = "PATTERN=FIELD",
      split = ",",
      description =
          "To Redis: publish also on DATABASE.FIELD::VALUE::COLLECTION, for what a field is and, where"
              + " MongoDB keeps pre-images, was: for cursors with a namespace, as in"
              + " app.messages=roomId, with commas between several.")
  private List<FieldChannel> fieldChannels = List.of();

  @Option(
      names = "--conflate",
      paramLabel = "PATTERN",
      split = ",",
      description =
          "To Redis: where documents of these collections change faster than that is published, one"
              + " message stands for all changes of a document that wait: with the fields of all, or its"
              + " removal.")
  private List<NamespacePattern> conflated = List.of();

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description =
          "To Redis: stands before all channels, which are DATABASE.COLLECTION and"
              + " DATABASE.COLLECTION::ID, and before our own keys.")
  private @Nullable String prefix;

  @Option(
      names = "--copies",
      paramLabel = "NAME",
      description =
          "To Redis: a name that the copies of a relay have in common, which publish each message once"
              + " among them; one that publishes other messages of the same source needs another name"
              + " (default: relay).")
  private @Nullable String copies;

  @Option(
      names = "--dotted-fields",
      fallbackValue = "true",
      description =
          "To Redis: tell changed fields as paths, as in address.city, and not by the names at the"
              + " top alone.")
  private boolean dotted;

  @Option(
      names = "--catch-up",
      paramLabel = "TIME",
      description =
          "To Redis: what happened longer ago is not published any more after an outage, and"
              + " publishing begins at the end; 0 is no limit (default: 120s).")
  @Within(least = "0", most = "36500d")
  private @Nullable Duration catchUp;

  @Option(
      names = "--to-ca",
      paramLabel = "FILE",
      description =
          "To Redis by TLS, as in rediss://host: file of the certificates, PEM, of those who may have"
              + " signed the server's, in the place of those that the JVM trusts.")
  private @Nullable Path authorities;

  /**
   * The options for each server.
   *
   * @throws ParameterException when an address is none, or they do not go together
   */
  List<RedisOptions> options(List<String> uris) {
    List<RedisOptions> all = uris.stream().map(this::options).toList();
    Set<String> places = new HashSet<>();
    for (RedisOptions one : all) {
      if (!places.add(one.place())) { // another database of it has the same channels
        throw wrong("--to names " + one.place() + " twice");
      }
    }
    if (authorities != null && all.stream().noneMatch(RedisOptions::isEncrypted)) {
      throw wrong("--to-ca is for TLS, as in --to rediss://host");
    }
    return all;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private RedisOptions options(String uri) {
    RedisOptions options;
    try {
      options = RedisOptions.of(uri);
    } catch (IllegalArgumentException e) {
      throw wrong("--to: " + e.getMessage());
    }
    NamespaceFilter whole = NamespaceFilter.of(documents, List.of());
    options = options.withDotted(dotted).withFieldChannels(fieldChannels);
    options = documents.isEmpty() ? options : options.withDocuments(whole::wants);
    options = prefix == null ? options : options.withPrefix(prefix);
    options = copies == null ? options : options.withCopies(copies);
    options = catchUp == null ? options : options.withCatchUp(catchUp);
    return authorities == null ? options : options.withAuthorities(new Authorities(authorities));
  }

  /** Which changes may be told as one. */
  Conflation conflation(RedisOptions options) {
    NamespaceFilter chosen = NamespaceFilter.of(conflated, List.of());
    return conflated.isEmpty()
        ? Conflation.NONE
        : new Conflation(chosen::wants, options::readsWhole);
  }

  /** For another target. */
  void requireNone() {
    boolean isGiven =
        !documents.isEmpty()
            || !conflated.isEmpty()
            || !fieldChannels.isEmpty()
            || prefix != null
            || copies != null
            || dotted
            || catchUp != null
            || authorities != null;
    if (isGiven) {
      throw wrong(
          "--documents, --field-channels, --conflate, --prefix, --copies, --dotted-fields,"
              + " --catch-up and --to-ca are for --to redis://…");
    }
  }
}
