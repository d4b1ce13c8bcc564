package io.oplog.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.oplog.core.relay.RelayStats;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The metrics of a relay, told from those of others by where it leads. */
public final class RelayMeters {
  private static final String TO = "to";

  private final Supplier<RelayStats> stats;

  /**
   * @param stats asked at each scrape, for each metric
   */
  public RelayMeters(Supplier<RelayStats> stats) {
    this.stats = stats;
  }

  /** Registers them. A registry does not keep this object: its owner does. */
  public void register(MeterRegistry meters) {
    String to = stats.get().to();
    counter(meters, Metric.RELAY_SENT, RelayStats::sent, to);
    counter(meters, Metric.RELAY_REFUSED, RelayStats::refused, to);
    counter(meters, Metric.RELAY_DISCARDED, RelayStats::discarded, to);
    counter(meters, Metric.RELAY_CONFLATED, RelayStats::conflated, to);
    counter(meters, Metric.RELAY_SKIPS, RelayStats::skips, to);
    counter(meters, Metric.RELAY_RECONCILED, RelayStats::reconciled, to);
    gauge(meters, Metric.RELAY_BACKLOG, now -> now.backlog().changes(), to);
    gauge(meters, Metric.RELAY_BACKLOG_AGE, now -> now.backlog().seconds(), to);
    gauge(meters, Metric.RELAY_UP, now -> now.trouble().isEmpty() ? 1 : 0, to);
  }

  private double read(ToDoubleFunction<RelayStats> value) {
    return value.applyAsDouble(stats.get());
  }

  private void counter(
      MeterRegistry meters, Metric metric, ToDoubleFunction<RelayStats> value, String to) {
    FunctionCounter.builder(metric.registeredName(), this, self -> self.read(value))
        .description(metric.help())
        .tag(TO, to)
        .register(meters);
  }

  private void gauge(
      MeterRegistry meters, Metric metric, ToDoubleFunction<RelayStats> value, String to) {
    Gauge.builder(metric.registeredName(), this, self -> self.read(value))
        .description(metric.help())
        .tag(TO, to)
        .register(meters);
  }
}
