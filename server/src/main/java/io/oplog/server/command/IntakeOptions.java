package io.oplog.server.command;

import static java.util.Objects.requireNonNullElse;

import io.oplog.core.engine.EngineOptions;
import io.oplog.protocol.OperationLimits;
import io.oplog.server.ServerOptions;
import io.oplog.server.config.BytesConverter;
import io.oplog.server.config.ListenAddress;
import io.oplog.server.http.HttpLimits;
import io.oplog.server.http.HttpOptions;
import io.oplog.server.udp.UdpOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How a server listens, and takes operations. */
final class IntakeOptions {
  @Mixin private HttpLimitOptions http;
  @Mixin private OperationLimitOptions operations;
  @Mixin private StopOptions stop;
  @Mixin private LogOptions log;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      defaultValue = ":8042",
      description =
          "Where to listen, TCP and UDP; port 0 takes a free one" + " (default: ${DEFAULT-VALUE}).")
  private ListenAddress listen;

  @Option(
      names = "--password",
      paramLabel = "TEXT",
      description =
          "Password of the stream; better given by --password-file or OPLOG_PASSWORD. Without one"
              + " everybody may read.")
  private @Nullable String password;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of the stream.")
  private @Nullable Path passwordFile;

  @Option(
      names = "--ingest-password",
      paramLabel = "TEXT",
      description =
          "Password for ingest over HTTP; better given by --ingest-password-file or"
              + " OPLOG_INGEST_PASSWORD. Without one everybody may write. Datagrams carry none: see"
              + " --no-udp.")
  private @Nullable String ingestPassword;

  @Option(
      names = "--ingest-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password for ingest.")
  private @Nullable Path ingestPasswordFile;

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      split = ",",
      defaultValue = "*",
      description =
          "Web origins whose pages may read the stream, with commas between them; * is all."
              + " Pages of those that are named may also send operations (default: ${DEFAULT-VALUE}).")
  private List<String> corsOrigins;

  @Option(names = "--no-udp", fallbackValue = "true", description = "Take no datagrams.")
  private boolean noUdp;

  @Option(
      names = "--udp-buffer",
      paramLabel = "SIZE",
      defaultValue = "16MiB",
      converter = BytesConverter.class,
      description =
          "What the kernel may hold of datagrams that were not read yet, as far as it allows"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "1KiB", most = "1GiB")
  private long udpBuffer;

  @Option(
      names = "--max-queued-events",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Operations that may wait to be stored; then producers are told to wait, and datagrams"
              + " are dropped and counted (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1000000000")
  private int maxQueuedEvents;

  @Option(
      names = "--max-queued-bytes",
      paramLabel = "SIZE",
      converter = BytesConverter.class,
      description =
          "Memory of what waits to be stored (default: 256MiB, on a small heap a ninth of it).")
  @Within(least = "1", most = "1TiB")
  private @Nullable Long maxQueuedBytes;

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads that serve connections; 0 is one for every two processors"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "1024")
  private int eventLoops;

  LogOptions log() {
    return log;
  }

  ListenAddress listen() {
    return listen;
  }

  Duration graces() {
    return stop.graces();
  }

  Descriptors descriptors() {
    return Descriptors.ofProcess(
        eventLoops == 0 ? ServerOptions.defaults().eventLoops() : eventLoops);
  }

  /** Whether the limit of descriptors leaves room for too few connections. */
  boolean areConnectionsShort() {
    return http.areShort(descriptors());
  }

  OperationLimits operations() {
    return operations.limits();
  }

  /**
   * What the server is told, but for what it streams.
   *
   * @param command whose options these are
   * @param writeTimeout how long a client may take nothing
   * @param descriptors what connections there is room for
   */
  ServerOptions server(CommandSpec command, Duration writeTimeout, Descriptors descriptors) {
    ServerOptions options =
        stop.applyTo(ServerOptions.defaults())
            .withAddress(listen.host(), listen.port())
            .withHttp(http(command, http.limits(writeTimeout, descriptors)))
            .withUdp(udp())
            .withEngine(queue(EngineOptions.defaults()))
            .withVersion(Version.text());
    return eventLoops == 0 ? options : options.withEventLoops(eventLoops);
  }

  private EngineOptions queue(EngineOptions defaults) {
    return defaults.withQueue(
        maxQueuedEvents, requireNonNullElse(maxQueuedBytes, defaults.maxQueuedBytes()));
  }

  private UdpOptions udp() {
    return UdpOptions.defaults()
        .withEnabled(!noUdp)
        .withReceiveBufferBytes(Math.toIntExact(udpBuffer))
        .withOperations(operations.limits());
  }

  private HttpOptions http(CommandSpec command, HttpLimits limits) {
    return HttpOptions.defaults()
        .withPasswords(
            PasswordOption.resolve(command, "--password", password, passwordFile),
            PasswordOption.resolve(
                command, "--ingest-password", ingestPassword, ingestPasswordFile))
        .withCorsOrigins(corsOrigins)
        .withLimits(limits)
        .withOperations(operations.limits());
  }
}
