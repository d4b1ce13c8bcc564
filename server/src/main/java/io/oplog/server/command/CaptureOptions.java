package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.client.sync.DeleteLimit;
import io.oplog.core.relay.Relay;
import io.oplog.core.relay.Source;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import io.oplog.server.OplogServer;
import io.oplog.server.http.HttpOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a server takes into its log by itself. */
final class CaptureOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private MongoSelection mongo;

  @Option(
      names = "--capture",
      paramLabel = "URI",
      description =
          "Take what changes there into this log, as 'oplog relay' would: a MongoDB replica set or"
              + " sharded cluster, as in mongodb://user:password@h1,h2/?replicaSet=rs, or another oplog,"
              + " as in http://host:8042. With a password in it better given by --capture-file or"
              + " OPLOG_CAPTURE.")
  private @Nullable String capture;

  @Option(
      names = "--capture-file",
      paramLabel = "FILE",
      description = "File whose first line is the URI of --capture.")
  private @Nullable Path captureFile;

  @Option(
      names = "--capture-password",
      paramLabel = "TEXT",
      description =
          "From an oplog: password of its stream; better given by --capture-password-file or"
              + " OPLOG_CAPTURE_PASSWORD.")
  private @Nullable String capturePassword;

  @Option(
      names = "--capture-password-file",
      paramLabel = "FILE",
      description = "From an oplog: file whose first line is the password of its stream.")
  private @Nullable Path capturePasswordFile;

  @Option(
      names = "--max-deletes",
      paramLabel = "LIMIT",
      description =
          "When this log is brought in line with everything that --capture has: stop before anything"
              + " is sent if more would be deleted, a share of the objects that live here or a number"
              + " (default: 1%%; no limit where rules have constant types, after the first time).")
  private @Nullable DeleteLimit maxDeletes;

  /** Makes the relay into a server that listens. */
  interface Capture {
    Relay<?> into(OplogServer server);
  }

  /**
   * What is captured; empty for nothing. Wrong options are told now.
   *
   * @param passwords of the server itself: what is captured comes in as from any producer
   */
  Optional<Capture> capture(HttpOptions passwords) {
    String uri =
        PasswordOption.resolve(
            whole(), "--capture", capture, captureFile, one -> one.contains("@"));
    if (uri == null) {
      mongo.requireNone();
      return Optional.empty();
    }
    OplogEnd.requireSource(command, "--capture", uri);
    Source<Operation> source = source(uri);
    Set<String> types = MongoSelection.isMongo(uri) ? mongo.types() : Set.of();
    return Optional.of(server -> {
      OplogEnd end = own(server.address(), passwords);
      return new Relay<>(
          source, end.sink(types, Optional.ofNullable(maxDeletes)), "this log from " + shown(uri));
    });
  }

  private CommandSpec whole() {
    return command.commandLine().getCommandSpec();
  }

  private String shown(String uri) {
    return MongoSelection.isMongo(uri) ? "MongoDB at " + mongo.place(uri) : Endpoint.shown(uri);
  }

  private Source<Operation> source(String uri) {
    if (MongoSelection.isMongo(uri)) {
      if (capturePassword != null || capturePasswordFile != null) {
        throw new ParameterException(
            command.commandLine(),
            "--capture-password is for an oplog: an address of MongoDB has its own");
      }
      return mongo.operations(uri);
    }
    mongo.requireNone();
    String password =
        PasswordOption.resolve(whole(), "--capture-password", capturePassword, capturePasswordFile);
    try {
      Endpoint endpoint = Endpoint.of(uri).withPassword(password);
      return new OplogEnd(endpoint, endpoint).source(Filter.ALL);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--capture: " + e.getMessage());
    }
  }

  private static OplogEnd own(InetSocketAddress bound, HttpOptions passwords) {
    InetAddress host =
        bound.getAddress().isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress()
            : bound.getAddress();
    String name = host.getHostAddress();
    String url = "http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + bound.getPort();
    return new OplogEnd(
        Endpoint.of(url).withPassword(passwords.password()),
        Endpoint.of(url).withPassword(passwords.ingestPassword()));
  }
}
