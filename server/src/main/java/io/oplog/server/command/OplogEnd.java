package io.oplog.server.command;

import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import io.oplog.client.IngestClient;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.client.sync.DeleteLimit;
import io.oplog.client.sync.RemoteLog;
import io.oplog.connector.oplog.OplogSink;
import io.oplog.connector.oplog.OplogSource;
import io.oplog.connector.oplog.Reconciliation;
import io.oplog.protocol.Filter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Another oplog as an end of a relay.
 *
 * @param stream where it is followed
 * @param ingest where it takes operations
 */
record OplogEnd(Endpoint stream, Endpoint ingest) {
  /** The relay goes on by itself; this is how soon it says why nothing gets through. */
  private static final RetryPolicy RETRY = RetryPolicy.BRIEF.givingUpAfter(Duration.ofSeconds(5));

  /** How long a stream that has more to tell may tell nothing. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  static boolean isOplog(String uri) {
    return uri.startsWith("http://") || uri.startsWith("https://");
  }

  /**
   * An address alone may be of a source of either kind.
   *
   * @throws ParameterException when it does not say of which
   */
  static void requireSource(CommandSpec command, String option, String uri) {
    if (!isOplog(uri) && !MongoSelection.isMongo(uri)) {
      throw new ParameterException(
          command.commandLine(),
          option
              + " begins with what is there: http:// or https:// for an oplog, mongodb:// for"
              + " MongoDB");
    }
  }

  /**
   * As a sink.
   *
   * @param types those that it has from the relay alone; empty for all
   * @param maxDeletes how many a reconciliation may delete, where that is said
   */
  OplogSink sink(Set<String> types, Optional<DeleteLimit> maxDeletes) {
    IngestClient operations = new IngestClient(ingest, RETRY, ConnectionListener.SILENT);
    RemoteLog log = new RemoteLog(streams(), operations, PATIENCE);
    Path scratch = Path.of(System.getProperty("java.io.tmpdir"));
    return new OplogSink(operations, new Reconciliation(log, types, maxDeletes, scratch));
  }

  /** As a source of what a filter of types lets through. */
  OplogSource source(Filter filter) {
    String identity = stream + " " + new TreeSet<>(filter.types()); // a set has no order of its own
    return new OplogSource(streams(), filter, identity);
  }

  private StreamClient streams() {
    return new StreamClient(stream, RETRY, StreamClient.DEFAULT_SILENCE, ConnectionListener.SILENT);
  }
}
