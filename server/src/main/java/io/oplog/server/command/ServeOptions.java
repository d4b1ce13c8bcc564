package io.oplog.server.command;

import io.oplog.core.engine.EngineOptions;
import io.oplog.core.engine.StreamTimes;
import io.oplog.core.store.Retention;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.RefTemplate;
import io.oplog.server.ServerOptions;
import io.oplog.server.config.BytesConverter;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.ListenAddress;
import io.oplog.server.config.LogRetention;
import io.oplog.server.http.HttpLimits;
import io.oplog.server.http.HttpOptions;
import io.oplog.server.udp.UdpOptions;
import io.oplog.store.rocksdb.Durability;
import io.oplog.store.rocksdb.RocksOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Every option of {@code oplog serve}, and what the parts of the server are told by them. */
final class ServeOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      defaultValue = ":8042",
      description = "Where to listen, TCP and UDP; port 0 takes a free one (default: :8042).")
  private ListenAddress listen = new ListenAddress("", ServerOptions.DEFAULT_PORT);

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      defaultValue = "oplog-data",
      description = "Where the log and the states are kept (default: ./oplog-data).")
  private Path data = Path.of("oplog-data");

  @Option(
      names = "--durability",
      paramLabel = "LEVEL",
      defaultValue = "disk",
      description =
          "disk: what is acknowledged survives a power failure; os: it survives a crash of oplog,"
              + " but one of the machine may lose the last seconds (default: disk).")
  private Durability durability = Durability.DISK;

  @Option(
      names = "--retention",
      paramLabel = "AGE,SIZE",
      defaultValue = "7d,8GiB",
      description =
          "How much of the log is kept, by age, by size or by both; 'forever' keeps all. Objects"
              + " are always kept (default: 7d,8GiB).")
  private LogRetention retention = LogRetention.parse("7d,8GiB");

  @Option(
      names = "--keep-deletes",
      paramLabel = "TIME",
      defaultValue = "30d",
      description =
          "How long it is remembered that an object was deleted. A consumer that was away for"
              + " longer starts anew (default: 30d).")
  @Within(least = "0", most = "36500d")
  private Duration keepDeletes = Duration.ofDays(30);

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = BytesConverter.class,
      description = "Memory for states that were read (default: 64MiB).")
  @Within(least = "0", most = "1TiB")
  private long cache;

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
          "Web origins whose pages may read the stream, with commas between them (default: *, all).")
  private List<String> corsOrigins = List.of("*");

  @Option(names = "--no-udp", description = "Take no datagrams.")
  private boolean noUdp;

  @Option(
      names = "--udp-buffer",
      paramLabel = "SIZE",
      defaultValue = "16MiB",
      converter = BytesConverter.class,
      description =
          "What the kernel may hold of datagrams that were not read yet, as far as it allows"
              + " (default: 16MiB).")
  @Within(least = "1KiB", most = "1GiB")
  private long udpBuffer;

  @Option(
      names = "--heartbeat",
      paramLabel = "TIME",
      defaultValue = "25s",
      description = "Silence after which a stream gets a sign of life (default: 25s).")
  @Within(least = "1ms", most = "90d")
  private Duration heartbeat = Duration.ZERO;

  @Option(
      names = "--progress-interval",
      paramLabel = "TIME",
      defaultValue = "5s",
      description =
          "How often a consumer that asks for it hears of its position while only others'"
              + " operations pass (default: 5s).")
  @Within(least = "1ms", most = "90d")
  private Duration progressInterval = Duration.ZERO;

  @Option(
      names = "--max-connection-age",
      paramLabel = "TIME",
      defaultValue = "0",
      description =
          "Close streams of that age, give or take a tenth, so that a load balancer can spread"
              + " them again (default: 0, never).")
  @Within(least = "0", most = "90d")
  private Duration maxConnectionAge = Duration.ZERO;

  @Option(
      names = "--write-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      description = "Close a stream whose consumer takes nothing for so long (default: 60s).")
  @Within(least = "1ms", most = "90d")
  private Duration writeTimeout = Duration.ZERO;

  @Option(
      names = "--idle-timeout",
      paramLabel = "TIME",
      defaultValue = "75s",
      description = "Close a connection that asks nothing for so long (default: 75s).")
  @Within(least = "1ms", most = "90d")
  private Duration idleTimeout = Duration.ZERO;

  @Option(
      names = "--head-timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "Time for the head of a request to arrive (default: 10s).")
  @Within(least = "1ms", most = "90d")
  private Duration headTimeout = Duration.ZERO;

  @Option(
      names = "--body-timeout",
      paramLabel = "TIME",
      defaultValue = "20s",
      description = "Time for a body to arrive, and a second more for each 16 KiB (default: 20s).")
  @Within(least = "1ms", most = "90d")
  private Duration bodyTimeout = Duration.ZERO;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Connections open at once (default: 100000).")
  @Within(least = "1", most = "100000000")
  private int maxConnections;

  @Option(
      names = "--max-head",
      paramLabel = "SIZE",
      defaultValue = "16KiB",
      converter = BytesConverter.class,
      description = "Longest header block of a request (default: 16KiB).")
  @Within(least = "1", most = "1GiB")
  private long maxHead;

  @Option(
      names = "--max-request-line",
      paramLabel = "SIZE",
      defaultValue = "32KiB",
      converter = BytesConverter.class,
      description = "Longest request line, filters included (default: 32KiB).")
  @Within(least = "1", most = "1GiB")
  private long maxRequestLine;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      defaultValue = "8MiB",
      converter = BytesConverter.class,
      description = "Longest body of an ingest request (default: 8MiB).")
  @Within(least = "1", most = "256MiB")
  private long maxBody;

  @Option(
      names = "--max-buffered",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = BytesConverter.class,
      description =
          "Bytes of half-read bodies over all connections; 0 is an eighth of the memory"
              + " (default: 0).")
  @Within(least = "0", most = "1TiB")
  private long maxBuffered;

  @Option(
      names = "--max-queued-events",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Operations that may wait to be stored; then producers are told to wait, and datagrams"
              + " are dropped and counted (default: 1000000).")
  @Within(least = "1", most = "1000000000")
  private int maxQueuedEvents;

  @Option(
      names = "--max-queued-bytes",
      paramLabel = "SIZE",
      defaultValue = "256MiB",
      converter = BytesConverter.class,
      description = "Bytes that may wait to be stored (default: 256MiB).")
  @Within(least = "1", most = "1TiB")
  private long maxQueuedBytes;

  @Option(
      names = "--max-operation",
      paramLabel = "SIZE",
      defaultValue = "65507",
      converter = BytesConverter.class,
      description =
          "Longest JSON text of an operation; a datagram carries no more (default: 65507).")
  @Within(least = "1", most = "256MiB")
  private long maxOperation;

  @Option(
      names = "--max-type",
      paramLabel = "SIZE",
      defaultValue = "255",
      converter = BytesConverter.class,
      description = "Longest type (default: 255).")
  @Within(least = "1", most = "256MiB")
  private long maxType;

  @Option(
      names = "--max-id",
      paramLabel = "SIZE",
      defaultValue = "4096",
      converter = BytesConverter.class,
      description = "Longest id (default: 4096).")
  @Within(least = "1", most = "256MiB")
  private long maxId;

  @Option(
      names = "--max-parents",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Most parents of an operation (default: 1000).")
  @Within(least = "1", most = "1000000000")
  private int maxParents;

  @Option(
      names = "--max-parent",
      paramLabel = "SIZE",
      defaultValue = "4096",
      converter = BytesConverter.class,
      description = "Longest parent (default: 4096).")
  @Within(least = "1", most = "256MiB")
  private long maxParent;

  @Option(
      names = "--max-depth",
      paramLabel = "N",
      defaultValue = "64",
      description = "How deep the JSON of an operation may nest (default: 64).")
  @Within(least = "1", most = "1000")
  private int maxDepth;

  @Option(
      names = "--tail-bytes",
      paramLabel = "SIZE",
      defaultValue = "32MiB",
      converter = BytesConverter.class,
      description =
          "The log's end that is kept in memory for consumers that keep up (default: 32MiB).")
  @Within(least = "0", most = "1TiB")
  private long tailBytes;

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads that serve connections; 0 is one for every two processors (default: 0).")
  @Within(least = "0", most = "1024")
  private int eventLoops;

  @Option(
      names = "--readers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads that read the store for consumers that are behind (default: 2).")
  @Within(least = "1", most = "1024")
  private int readers;

  @Option(
      names = "--ready-grace",
      paramLabel = "TIME",
      defaultValue = "0",
      description =
          "On stop, how long /readyz fails before anything else ends, so that a load balancer"
              + " sees it (default: 0).")
  @Within(least = "0", most = "1d")
  private Duration readyGrace = Duration.ZERO;

  @Option(
      names = "--stop-grace",
      paramLabel = "TIME",
      defaultValue = "10s",
      description =
          "How long what was accepted may take to be stored after that, and the streams to be"
              + " closed; some seconds more end the rest (default: 10s).")
  @Within(least = "0", most = "1d")
  private Duration stopGrace = Duration.ZERO;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "debug, info, warn or error (default: info).")
  private LogLevel logLevel = LogLevel.INFO;

  /** How much is logged. */
  enum LogLevel {
    DEBUG,
    INFO,
    WARN,
    ERROR
  }

  Path data() {
    return data;
  }

  LogLevel logLevel() {
    return logLevel;
  }

  ListenAddress listen() {
    return listen;
  }

  /** How long stopping may take, beside what nobody sets a time for. */
  Duration graces() {
    return readyGrace.plus(stopGrace);
  }

  RocksOptions rocks() {
    Retention kept = Retention.FOREVER.withDeletesAge(keepDeletes);
    if (retention.age().isPresent()) {
      kept = kept.withLogAge(retention.age().get());
    }
    if (retention.bytes().isPresent()) {
      kept = kept.withLogBytes(retention.bytes().getAsLong());
    }
    return RocksOptions.defaults()
        .withDurability(durability)
        .withRetention(kept)
        .withCacheBytes(cache);
  }

  ServerOptions server() {
    ServerOptions options =
        ServerOptions.defaults()
            .withAddress(listen.host(), listen.port())
            .withHttp(http())
            .withUdp(udp())
            .withEngine(engine())
            .withGraces(readyGrace, stopGrace)
            .withVersion(Version.text());
    return eventLoops == 0 ? options : options.withEventLoops(eventLoops);
  }

  private EngineOptions engine() {
    EngineOptions engine =
        EngineOptions.defaults()
            .withQueue(maxQueuedEvents, maxQueuedBytes)
            .withTailBytes(tailBytes)
            .withReaders(readers)
            .withStreams(
                new StreamTimes(heartbeat, progressInterval, writeTimeout, maxConnectionAge));
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
        .withReceiveBufferBytes(asInt(udpBuffer))
        .withOperations(operations());
  }

  private HttpOptions http() {
    return HttpOptions.defaults()
        .withPasswords(
            PasswordOption.resolve(command, "--password", password, passwordFile),
            PasswordOption.resolve(
                command, "--ingest-password", ingestPassword, ingestPasswordFile))
        .withCorsOrigins(corsOrigins)
        .withLimits(limits())
        .withOperations(operations());
  }

  private HttpLimits limits() {
    HttpLimits defaults = HttpLimits.defaults();
    return new HttpLimits(
        maxConnections,
        asInt(maxRequestLine),
        asInt(maxHead),
        asInt(maxBody),
        maxBuffered == 0 ? Math.max(defaults.maxBufferedBytes(), maxBody) : maxBuffered,
        defaults.maxPipelined(),
        headTimeout,
        bodyTimeout,
        idleTimeout,
        defaults.writeTimeout(),
        defaults.lingerTimeout());
  }

  private OperationLimits operations() {
    return new OperationLimits(
        asInt(maxOperation), asInt(maxType), asInt(maxId), maxParents, asInt(maxParent), maxDepth);
  }

  private static int asInt(long bytes) {
    return Math.toIntExact(bytes); // the bounds see to it
  }
}
