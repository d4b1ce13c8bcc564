package io.oplog.server.command;

import static java.util.Objects.requireNonNullElse;

import io.oplog.core.engine.EngineOptions;
import io.oplog.protocol.RefTemplate;
import io.oplog.server.ServerOptions;
import io.oplog.server.config.BytesConverter;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.ListenAddress;
import io.oplog.server.http.HttpOptions;
import io.oplog.server.udp.UdpOptions;
import io.oplog.store.rocksdb.RocksOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Every option of {@code oplog serve}, and what the parts of the server are told by them. */
final class ServeOptions {
  /** A state holds an operation in up to four bytes for one, and its parents once more. */
  private static final int MOST_SHARED = 1 << 20;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private StoreOptions store;
  @Mixin private StreamOptions streams;
  @Mixin private HttpLimitOptions http;
  @Mixin private OperationLimitOptions operations;
  @Mixin private StopOptions stop;

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
      names = "--object-url",
      paramLabel = "TEMPLATE",
      description =
          "Where an object can be fetched, as in http://api/{{type}}/{{id}}; events carry it as"
              + " 'ref'.")
  private @Nullable String objectUrl;

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
      names = "--tail-bytes",
      paramLabel = "SIZE",
      converter = BytesConverter.class,
      description =
          "The log's end that is kept in memory for consumers that keep up"
              + " (default: 32MiB, on a small heap a 16th of it).")
  @Within(least = "0", most = "1TiB")
  private @Nullable Long tailBytes;

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads that serve connections; 0 is one for every two processors"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "1024")
  private int eventLoops;

  @Option(
      names = "--readers",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Threads that read the store for consumers that are behind"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1024")
  private int readers;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "debug, info, warn or error (default: ${DEFAULT-VALUE}).")
  private LogLevel logLevel;

  /** How much is logged. */
  enum LogLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  LogLevel logLevel() {
    return logLevel;
  }

  ListenAddress listen() {
    return listen;
  }

  Duration graces() {
    return stop.graces();
  }

  StorePlace store() {
    StorePlace place = store.place(command, descriptors().openFiles());
    if (place instanceof StorePlace.Shared
        && operations.limits().maxOperationBytes() > MOST_SHARED) {
      throw new ConfigException(
          "--max-operation: at most 1MiB with --store, since a MongoDB document has 16 MiB");
    }
    return place;
  }

  RocksOptions rocks() {
    return store.rocks();
  }

  private Descriptors descriptors() {
    return Descriptors.ofProcess(
        eventLoops == 0 ? ServerOptions.defaults().eventLoops() : eventLoops);
  }

  /** Whether the limit of descriptors leaves room for too few connections. */
  boolean areConnectionsShort() {
    return http.areShort(descriptors());
  }

  ServerOptions server() {
    ServerOptions options =
        stop.applyTo(ServerOptions.defaults())
            .withAddress(listen.host(), listen.port())
            .withHttp(http())
            .withUdp(udp())
            .withEngine(engine())
            .withVersion(Version.text());
    return eventLoops == 0 ? options : options.withEventLoops(eventLoops);
  }

  private EngineOptions engine() {
    EngineOptions defaults = EngineOptions.defaults();
    EngineOptions engine =
        defaults
            .withQueue(
                maxQueuedEvents, requireNonNullElse(maxQueuedBytes, defaults.maxQueuedBytes()))
            .withTailBytes(requireNonNullElse(tailBytes, defaults.tailBytes()))
            .withReaders(readers)
            .withStreams(streams.times());
    return objectUrl == null ? engine : engine.withObjectUrl(template(objectUrl));
  }

  private static RefTemplate template(String text) {
    try {
      return RefTemplate.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--object-url: " + e.getMessage());
    }
  }

  private UdpOptions udp() {
    return UdpOptions.defaults()
        .withEnabled(!noUdp)
        .withReceiveBufferBytes(Math.toIntExact(udpBuffer))
        .withOperations(operations.limits());
  }

  private HttpOptions http() {
    return HttpOptions.defaults()
        .withPasswords(
            PasswordOption.resolve(command, "--password", password, passwordFile),
            PasswordOption.resolve(
                command, "--ingest-password", ingestPassword, ingestPasswordFile))
        .withCorsOrigins(corsOrigins)
        .withLimits(http.limits(streams.writeTimeout(), descriptors()))
        .withOperations(operations.limits());
  }
}
