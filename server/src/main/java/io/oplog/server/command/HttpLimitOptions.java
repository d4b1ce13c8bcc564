package io.oplog.server.command;

import io.oplog.server.config.BytesConverter;
import io.oplog.server.config.ConfigException;
import io.oplog.server.http.HttpLimits;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a client may ask over HTTP, and how long it may take. */
final class HttpLimitOptions {
  private static final int FEW_CONNECTIONS = 1000;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description =
          "Connections open at once (default: 100000); never more than the process's limit of"
              + " descriptors (ulimit -n) allows.")
  @Within(least = "1", most = "100000000")
  private @Nullable Integer maxConnections;

  @Option(
      names = "--max-head",
      paramLabel = "SIZE",
      defaultValue = "16KiB",
      converter = BytesConverter.class,
      description = "Longest header block of a request (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1GiB")
  private long maxHead;

  @Option(
      names = "--max-request-line",
      paramLabel = "SIZE",
      defaultValue = "32KiB",
      converter = BytesConverter.class,
      description = "Longest request line, filters included (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1GiB")
  private long maxRequestLine;

  @Option(
      names = "--max-body",
      paramLabel = "SIZE",
      converter = BytesConverter.class,
      description =
          "Longest body of an ingest request (default: 8MiB, on a small heap a 26th of it).")
  @Within(least = "1", most = "256MiB")
  private @Nullable Long maxBody;

  @Option(
      names = "--max-buffered",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = BytesConverter.class,
      description =
          "Bytes of half-read bodies over all connections; 0 is a ninth of the heap"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "1TiB")
  private long maxBuffered;

  @Option(
      names = "--max-filters",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = BytesConverter.class,
      description =
          "Memory of the filters of all open streams; 0 is a 13th of the heap"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "1TiB")
  private long maxFilters;

  @Option(
      names = "--head-timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "Time for the head of a request to arrive (default: ${DEFAULT-VALUE}).")
  @Within(least = "1ms", most = "90d")
  private Duration headTimeout;

  @Option(
      names = "--body-timeout",
      paramLabel = "TIME",
      defaultValue = "20s",
      description =
          "Time for a body to arrive, and a second more for each 16 KiB"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "1ms", most = "90d")
  private Duration bodyTimeout;

  @Option(
      names = "--idle-timeout",
      paramLabel = "TIME",
      defaultValue = "75s",
      description = "Close a connection that asks nothing for so long (default: ${DEFAULT-VALUE}).")
  @Within(least = "1ms", most = "90d")
  private Duration idleTimeout;

  /**
   * What HTTP is told.
   *
   * @param writeTimeout the streams' own, which holds for every other answer too
   * @param descriptors what connections there is room for
   */
  HttpLimits limits(Duration writeTimeout, Descriptors descriptors) {
    HttpLimits defaults = HttpLimits.defaults();
    int longest = maxBody == null ? defaults.maxBodyBytes() : Math.toIntExact(maxBody);
    return new HttpLimits(
        Math.min(wantedConnections(), descriptors.connections()),
        Math.toIntExact(maxRequestLine),
        Math.toIntExact(maxHead),
        longest,
        buffered(defaults, 2L * longest),
        maxFilters == 0 ? defaults.maxFilterBytes() : maxFilters,
        defaults.maxPipelined(),
        headTimeout,
        bodyTimeout,
        idleTimeout,
        writeTimeout,
        defaults.lingerTimeout());
  }

  /**
   * @param least what a body takes that comes without its length, while its array is grown
   */
  private long buffered(HttpLimits defaults, long least) {
    if (maxBuffered > 0 && maxBuffered < least) {
      throw new ConfigException(
          "--max-buffered: must be at least twice --max-body, " + least + " bytes");
    }
    return maxBuffered == 0 ? Math.max(defaults.maxBufferedBytes(), least) : maxBuffered;
  }

  private int wantedConnections() {
    return Objects.requireNonNullElse(maxConnections, HttpLimits.defaults().maxConnections());
  }

  /** Whether there is room for too few: fewer than were asked for, or fewer than few. */
  boolean areShort(Descriptors descriptors) {
    return descriptors.connections() < Objects.requireNonNullElse(maxConnections, FEW_CONNECTIONS);
  }
}
