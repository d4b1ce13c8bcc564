package io.oplog.server.metrics;

import io.oplog.core.engine.EngineStats;
import io.oplog.core.engine.IngestCounts;
import io.oplog.core.relay.RelayStats;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.SharedStats;
import io.oplog.server.http.HttpCounters;
import io.oplog.server.udp.UdpCounts;
import java.util.List;
import java.util.Optional;

/**
 * What the server is doing, looked at once for one page.
 *
 * @param version the program's
 * @param uptimeSeconds since it was started
 * @param incarnation the log's
 * @param bounds of the store
 * @param shared how this agent gets on with a log that others share; nothing for a log of its own
 * @param relays how they get on
 * @param ingest operations in, a consistent snapshot
 * @param maxQueued operations that may be queued
 * @param engine events out
 * @param http connections and answers
 * @param udp datagrams
 * @param problems why the server is not ready; empty when it is
 */
public record ServerSnapshot(
    String version,
    long uptimeSeconds,
    int incarnation,
    Bounds bounds,
    Optional<SharedStats> shared,
    List<RelayStats> relays,
    IngestCounts ingest,
    int maxQueued,
    EngineStats engine,
    HttpCounters.Snapshot http,
    UdpCounts udp,
    List<String> problems) {

  public ServerSnapshot {
    problems = List.copyOf(problems);
  }

  /** Streams that are open, those of another server that are handed on included. */
  public int clients() {
    return engine.clients() + http.tunnels();
  }

  /** Operations that the states do not show yet. */
  public long lag() {
    return bounds.head() - bounds.folded();
  }
}
