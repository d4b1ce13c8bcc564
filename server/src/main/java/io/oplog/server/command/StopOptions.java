package io.oplog.server.command;

import io.oplog.server.ServerOptions;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long stopping takes. */
final class StopOptions {
  @Option(
      names = "--ready-grace",
      paramLabel = "TIME",
      defaultValue = "0",
      description =
          "On stop, how long /readyz fails before anything else ends, so that a load balancer"
              + " sees it (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "1d")
  private Duration readyGrace;

  @Option(
      names = "--stop-grace",
      paramLabel = "TIME",
      defaultValue = "10s",
      description =
          "How long what was accepted may take to be stored after that, and the streams to be"
              + " closed; some seconds more end the rest (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "1d")
  private Duration stopGrace;

  ServerOptions applyTo(ServerOptions options) {
    return options.withGraces(readyGrace, stopGrace);
  }

  /** How long stopping may take, beside what nobody sets a time for. */
  Duration graces() {
    return readyGrace.plus(stopGrace);
  }
}
