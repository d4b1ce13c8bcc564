package io.oplog.server.metrics;

/** Every metric there is: the one list that code and documents are held against. */
public enum Metric {
  OPERATIONS_RECEIVED(
      "oplog_operations_received_total",
      "Operations received: ingested + error + discarded + queued"),
  OPERATIONS_INGESTED("oplog_operations_ingested_total", "Operations that are durable"),
  OPERATIONS_ERROR("oplog_operations_error_total", "Operations that could not be used"),
  OPERATIONS_DISCARDED(
      "oplog_operations_discarded_total", "Well-formed operations that were dropped, by cause"),
  OPERATIONS_QUEUED("oplog_operations_queued", "Operations that wait to become durable"),
  QUEUE_MAX("oplog_operations_queue_max", "Operations that may wait"),
  BATCHES("oplog_batches_total", "Groups of operations written together"),

  EVENTS_SENT("oplog_events_sent_total", "Events handed to consumers' connections"),
  CLIENTS("oplog_clients", "Streams that are open"),
  CLIENTS_FALLEN_BEHIND(
      "oplog_clients_fallen_behind_total",
      "Times that a consumer did not keep up and read the log again from its place"),
  CLIENTS_CLOSED_AS_SLOW(
      "oplog_clients_closed_as_slow_total", "Consumers closed because they took nothing"),
  FAILED_READS(
      "oplog_store_reads_failed_total", "Pages for consumers that the store could not read"),
  RESETS("oplog_resets_total", "Streams told to start anew, by reason"),

  CONNECTIONS("oplog_connections", "TCP connections that are open, streams included"),
  CONNECTIONS_ACCEPTED("oplog_connections_accepted_total", "TCP connections that came"),
  CONNECTIONS_REFUSED(
      "oplog_connections_refused_total", "TCP connections turned away because there were too many"),
  CONNECTIONS_CUT(
      "oplog_connections_cut_total",
      "Connections ended because what waited for them took too much memory"),
  HTTP_ANSWERS("oplog_http_answers_total", "Answers to HTTP requests, by status"),

  UDP_DATAGRAMS("oplog_udp_datagrams_total", "Datagrams received"),
  UDP_KERNEL_DROPS(
      "oplog_udp_kernel_drops_total", "Datagrams the kernel dropped before we saw them"),

  LOG_HEAD("oplog_log_head", "Sequence of the newest operation"),
  LOG_FIRST("oplog_log_first", "Sequence of the oldest operation in the log"),
  LOG_BYTES("oplog_log_bytes", "Size of the log"),
  FOLD_LAG("oplog_fold_lag", "Operations that the states do not show yet"),

  STORE_STALE(
      "oplog_store_stale_seconds", "With --store: since the shared log was last read to its end"),
  STORE_COMMANDS("oplog_store_commands_total", "With --store: round trips to the database"),
  STORE_ERRORS(
      "oplog_store_errors_total",
      "With --store: commands that the database refused or did not answer"),
  STORE_CONFLICTS(
      "oplog_store_conflicts_total",
      "With --store: blocks tried again because another agent was first"),
  STORE_ROUND_TRIP(
      "oplog_store_round_trip_seconds",
      "With --store: how long the database took to answer a small question"),
  STORE_CLOCK_AHEAD(
      "oplog_store_clock_ahead_seconds",
      "With --store: how far this machine's clock is ahead of the database's"),
  STORE_FOLDS(
      "oplog_store_folds",
      "With --store: 1 when this agent lets the states follow, 0 when another does"),

  RELAY_SENT("oplog_relay_sent_total", "Of a relay: changes that the other end has stored"),
  RELAY_REFUSED(
      "oplog_relay_refused_total", "Of a relay: changes that the other end will never take"),
  RELAY_DISCARDED(
      "oplog_relay_discarded_total", "Of a relay to Redis: changes of databases in its deny list"),
  RELAY_CONFLATED(
      "oplog_relay_conflated_total",
      "Of a relay to Redis: changes for which a newer one of the same document stands"),
  RELAY_SKIPS(
      "oplog_relay_skips_total",
      "Of a relay to Redis: times that publishing went on at the end and changes may be missing"),
  RELAY_RECONCILED(
      "oplog_relay_reconciled_total",
      "Of a relay: times that the other end was brought in line with everything there is"),
  RELAY_BACKLOG(
      "oplog_relay_backlog",
      "Of a relay: changes that wait for the other end; -1 where the source does not tell"),
  RELAY_BACKLOG_AGE(
      "oplog_relay_backlog_seconds",
      "Of a relay: how long the oldest of them has waited; -1 where that is not known"),
  RELAY_UP("oplog_relay_up", "Of a relay: 1 when changes get through, 0 while they do not"),

  UPTIME("oplog_uptime_seconds", "Since the server was started"),
  READY("oplog_ready", "1 when the server is ready, else 0");

  private static final String TOTAL = "_total";

  private final String exposedName;
  private final String help;

  Metric(String exposedName, String help) {
    this.exposedName = exposedName;
    this.help = help;
  }

  /** The name that a scrape shows. */
  public String exposedName() {
    return exposedName;
  }

  /** What it means, as a scrape and the documents say it. */
  public String help() {
    return help;
  }

  /** The name without the ending that Prometheus adds to counters. */
  String registeredName() {
    return exposedName.endsWith(TOTAL)
        ? exposedName.substring(0, exposedName.length() - TOTAL.length())
        : exposedName;
  }
}
