package io.oplog.server.command;

import io.oplog.core.engine.StreamTimes;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The times of streams. */
final class StreamOptions {
  @Option(
      names = "--heartbeat",
      paramLabel = "TIME",
      defaultValue = "25s",
      description = "Silence after which a stream gets a sign of life (default: ${DEFAULT-VALUE}).")
  @Within(least = "1ms", most = "90d")
  private Duration heartbeat;

  @Option(
      names = "--progress-interval",
      paramLabel = "TIME",
      defaultValue = "5s",
      description =
          "How often a consumer that asks for it hears of its position while only others'"
              + " operations pass (default: ${DEFAULT-VALUE}).")
  @Within(least = "1ms", most = "90d")
  private Duration progressInterval;

  @Option(
      names = "--max-connection-age",
      paramLabel = "TIME",
      defaultValue = "0",
      description =
          "Close streams of that age, give or take a tenth, so that a load balancer can spread"
              + " them again; 0 is never (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "90d")
  private Duration maxConnectionAge;

  @Option(
      names = "--write-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "Close a stream whose consumer takes nothing for so long, and a connection whose client"
              + " takes longer to read other answers (default: ${DEFAULT-VALUE}).")
  @Within(least = "1ms", most = "90d")
  private Duration writeTimeout;

  Duration writeTimeout() {
    return writeTimeout;
  }

  StreamTimes times() {
    return new StreamTimes(heartbeat, progressInterval, writeTimeout, maxConnectionAge);
  }
}
