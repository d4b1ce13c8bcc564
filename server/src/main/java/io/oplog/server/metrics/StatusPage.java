package io.oplog.server.metrics;

import io.oplog.core.engine.EngineStats;
import io.oplog.core.engine.IngestCounts;
import io.oplog.core.engine.ResetReason;
import io.oplog.core.store.Bounds;
import io.oplog.core.store.SharedStats;
import io.oplog.protocol.EventId;
import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The page {@code /status}: JSON, for people and for the original's monitoring. */
public final class StatusPage {
  private static final JsonFactory JSON = new JsonFactory();

  private StatusPage() {}

  /** Renders the page. */
  public static byte[] render(ServerSnapshot server) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      health(json, server);
      clients(json, server);
      ingest(json, server);
      log(json, server.bounds(), server.incarnation());
      udp(json, server);
      server.shared().ifPresent(stats -> store(json, stats));
      RelayStatus.write(json, server.relays());
      json.writeEndObject();
    }
    bytes.write('\n');
    return bytes.toByteArray();
  }

  private static void health(JsonGenerator json, ServerSnapshot server) {
    json.writeStringProperty("status", server.problems().isEmpty() ? "OK" : "NOT READY");
    json.writeArrayPropertyStart("problems");
    server.problems().forEach(json::writeString);
    json.writeEndArray();
    json.writeStringProperty("version", server.version());
    json.writeNumberProperty("uptime_seconds", server.uptimeSeconds());
  }

  private static void clients(JsonGenerator json, ServerSnapshot server) {
    EngineStats engine = server.engine();
    json.writeNumberProperty("clients", server.clients());
    json.writeNumberProperty("clients_fallen_behind", engine.fallenBehind());
    json.writeNumberProperty("clients_closed_as_slow", engine.closedAsSlow());
    json.writeNumberProperty("connections", server.http().open());
    json.writeNumberProperty("connections_accepted", server.http().accepted());
    json.writeNumberProperty("connections_refused", server.http().refused());
    json.writeNumberProperty("connections_cut", server.http().cut());
    json.writeNumberProperty("events_sent", engine.sent());
    json.writeNumberProperty("store_reads_failed", engine.failedReads());
    json.writeObjectPropertyStart("resets");
    for (ResetReason reason : ResetReason.values()) {
      json.writeNumberProperty(reason.wireName(), engine.resets().getOrDefault(reason, 0L));
    }
    json.writeEndObject();
  }

  private static void ingest(JsonGenerator json, ServerSnapshot server) {
    IngestCounts counts = server.ingest();
    json.writeNumberProperty("events_received", counts.received());
    json.writeNumberProperty("events_ingested", counts.ingested());
    json.writeNumberProperty("events_error", counts.error());
    json.writeNumberProperty("events_discarded", counts.discarded());
    json.writeObjectPropertyStart("discarded");
    json.writeNumberProperty("queue_full", counts.queueFull());
    json.writeNumberProperty("store_down", counts.storeDown());
    json.writeNumberProperty("stopping", counts.stopping());
    json.writeEndObject();
    json.writeNumberProperty("queue_size", counts.queued());
    json.writeNumberProperty("queue_max_size", server.maxQueued());
    json.writeNumberProperty("batches", counts.batches());
  }

  private static void log(JsonGenerator json, Bounds bounds, int incarnation) {
    json.writeNumberProperty("incarnation", incarnation);
    json.writeNumberProperty("first", bounds.first());
    json.writeNumberProperty("head", bounds.head());
    json.writeStringProperty("head_id", headId(bounds, incarnation));
    json.writeNumberProperty("folded", bounds.folded());
    json.writeNumberProperty("lag", bounds.head() - bounds.folded());
    json.writeNumberProperty("log_bytes", bounds.logBytes());
  }

  private static String headId(Bounds bounds, int incarnation) {
    return new EventId(bounds.headSecond(), incarnation, bounds.head()).toString();
  }

  private static void store(JsonGenerator json, SharedStats stats) {
    json.writeObjectPropertyStart("store");
    json.writeStringProperty("place", stats.place());
    json.writeBooleanProperty("folds", stats.folds());
    json.writeNumberProperty("stale_ms", stats.staleMillis());
    json.writeNumberProperty("commands", stats.commands());
    json.writeNumberProperty("errors", stats.errors());
    json.writeNumberProperty("conflicts", stats.conflicts());
    json.writeNumberProperty("round_trip_us", stats.roundTripMicros());
    json.writeNumberProperty("clock_ahead_ms", stats.clockAheadMillis());
    json.writeEndObject();
  }

  private static void udp(JsonGenerator json, ServerSnapshot server) {
    json.writeObjectPropertyStart("udp");
    json.writeNumberProperty("datagrams", server.udp().datagrams());
    json.writeNumberProperty("kernel_drops", server.udp().kernelDrops());
    json.writeEndObject();
  }
}
