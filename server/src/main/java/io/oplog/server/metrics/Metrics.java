package io.oplog.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.oplog.core.engine.ResetReason;
import io.oplog.core.relay.RelayStats;
import io.oplog.core.store.SharedStats;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The page {@code /metrics}. All numbers of one scrape come from one {@link ServerSnapshot}, so
 * they satisfy their equations. Built at the first scrape: a server that nobody scrapes does not
 * pay for it. Any thread.
 */
public final class Metrics {
  private final Supplier<ServerSnapshot> server;
  private final Set<Integer> statuses = new HashSet<>();
  private final List<RelayMeters> relays = new ArrayList<>();
  private @Nullable PrometheusMeterRegistry registry;
  private @Nullable ServerSnapshot snapshot;

  public Metrics(Supplier<ServerSnapshot> server) {
    this.server = server;
  }

  /** Renders the page in the text format of Prometheus, version 0.0.4. */
  public synchronized String scrape() {
    ServerSnapshot current = server.get();
    snapshot = current;
    PrometheusMeterRegistry meters = registry();
    registerStatuses(meters, current);
    registerRelays(meters, current);
    return meters.scrape();
  }

  private PrometheusMeterRegistry registry() {
    PrometheusMeterRegistry meters = registry;
    if (meters == null) {
      meters = build();
      registry = meters;
    }
    return meters;
  }

  private PrometheusMeterRegistry build() {
    boolean shared = snapshot != null && snapshot.shared().isPresent();
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registerOperations(meters);
    registerClients(meters);
    registerConnections(meters);
    registerLog(meters);
    if (shared) {
      registerShared(meters);
    }
    gauge(meters, Metric.UPTIME, ServerSnapshot::uptimeSeconds);
    gauge(meters, Metric.READY, now -> now.problems().isEmpty() ? 1 : 0);
    return meters;
  }

  private void registerOperations(PrometheusMeterRegistry meters) {
    counter(meters, Metric.OPERATIONS_RECEIVED, now -> now.ingest().received());
    counter(meters, Metric.OPERATIONS_INGESTED, now -> now.ingest().ingested());
    counter(meters, Metric.OPERATIONS_ERROR, now -> now.ingest().error());
    discarded(meters, "queue_full", now -> now.ingest().queueFull());
    discarded(meters, "store_down", now -> now.ingest().storeDown());
    discarded(meters, "stopping", now -> now.ingest().stopping());
    gauge(meters, Metric.OPERATIONS_QUEUED, now -> now.ingest().queued());
    gauge(meters, Metric.QUEUE_MAX, ServerSnapshot::maxQueued);
    counter(meters, Metric.BATCHES, now -> now.ingest().batches());
    counter(meters, Metric.UDP_DATAGRAMS, now -> now.udp().datagrams());
    counter(meters, Metric.UDP_KERNEL_DROPS, now -> Math.max(0, now.udp().kernelDrops()));
  }

  private void discarded(
      PrometheusMeterRegistry meters, String cause, ToDoubleFunction<ServerSnapshot> value) {
    counter(meters, Metric.OPERATIONS_DISCARDED, value, "cause", cause);
  }

  private void registerClients(PrometheusMeterRegistry meters) {
    counter(meters, Metric.EVENTS_SENT, now -> now.engine().sent());
    gauge(meters, Metric.CLIENTS, ServerSnapshot::clients);
    counter(meters, Metric.CLIENTS_FALLEN_BEHIND, now -> now.engine().fallenBehind());
    counter(meters, Metric.CLIENTS_CLOSED_AS_SLOW, now -> now.engine().closedAsSlow());
    counter(meters, Metric.FAILED_READS, now -> now.engine().failedReads());
    for (ResetReason reason : ResetReason.values()) {
      counter(
          meters,
          Metric.RESETS,
          now -> now.engine().resets().getOrDefault(reason, 0L),
          "reason",
          reason.wireName());
    }
  }

  private void registerConnections(PrometheusMeterRegistry meters) {
    gauge(meters, Metric.CONNECTIONS, now -> now.http().open());
    counter(meters, Metric.CONNECTIONS_ACCEPTED, now -> now.http().accepted());
    counter(meters, Metric.CONNECTIONS_REFUSED, now -> now.http().refused());
    counter(meters, Metric.CONNECTIONS_CUT, now -> now.http().cut());
  }

  private void registerLog(PrometheusMeterRegistry meters) {
    gauge(meters, Metric.LOG_HEAD, now -> now.bounds().head());
    gauge(meters, Metric.LOG_FIRST, now -> now.bounds().first());
    gauge(meters, Metric.LOG_BYTES, now -> now.bounds().logBytes());
    gauge(meters, Metric.FOLD_LAG, ServerSnapshot::lag);
  }

  private void registerShared(PrometheusMeterRegistry meters) {
    gauge(meters, Metric.STORE_STALE, shared(stats -> stats.staleMillis() / 1e3));
    counter(meters, Metric.STORE_COMMANDS, shared(SharedStats::commands));
    counter(meters, Metric.STORE_ERRORS, shared(SharedStats::errors));
    counter(meters, Metric.STORE_CONFLICTS, shared(SharedStats::conflicts));
    gauge(meters, Metric.STORE_ROUND_TRIP, shared(stats -> stats.roundTripMicros() / 1e6));
    gauge(meters, Metric.STORE_CLOCK_AHEAD, shared(stats -> stats.clockAheadMillis() / 1e3));
    gauge(meters, Metric.STORE_FOLDS, shared(stats -> stats.folds() ? 1 : 0));
  }

  /** A server gets more of them, and loses none, while it runs. */
  private void registerRelays(PrometheusMeterRegistry meters, ServerSnapshot current) {
    while (relays.size() < current.relays().size()) {
      int number = relays.size();
      RelayMeters relay = new RelayMeters(() -> relay(number));
      relay.register(meters);
      relays.add(relay);
    }
  }

  private RelayStats relay(int number) {
    ServerSnapshot current = snapshot;
    if (current == null) {
      throw new IllegalStateException("nothing is read before a scrape");
    }
    return current.relays().get(number);
  }

  private static ToDoubleFunction<ServerSnapshot> shared(ToDoubleFunction<SharedStats> value) {
    return now -> now.shared().map(value::applyAsDouble).orElse(0.0);
  }

  /** Statuses are counted from the first time that one was answered. */
  private void registerStatuses(PrometheusMeterRegistry meters, ServerSnapshot current) {
    for (Integer status : current.http().answers().keySet()) {
      if (statuses.add(status)) {
        counter(
            meters,
            Metric.HTTP_ANSWERS,
            now -> now.http().answers().getOrDefault(status, 0L),
            "status",
            status.toString());
      }
    }
  }

  private void counter(
      PrometheusMeterRegistry meters,
      Metric metric,
      ToDoubleFunction<ServerSnapshot> value,
      String... tags) {
    FunctionCounter.builder(metric.registeredName(), this, self -> self.read(value))
        .description(metric.help())
        .tags(tags)
        .register(meters);
  }

  private void gauge(
      PrometheusMeterRegistry meters, Metric metric, ToDoubleFunction<ServerSnapshot> value) {
    Gauge.builder(metric.registeredName(), this, self -> self.read(value))
        .description(metric.help())
        .register(meters);
  }

  private double read(ToDoubleFunction<ServerSnapshot> value) {
    ServerSnapshot current = snapshot;
    return current == null ? 0 : value.applyAsDouble(current);
  }
}
