package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.core.engine.StreamTimes;
import io.oplog.core.relay.LogSource;
import io.oplog.core.relay.Relay;
import io.oplog.core.store.Retention;
import io.oplog.server.ServerOptions;
import io.oplog.server.config.BytesConverter;
import io.oplog.server.http.Upstream;
import io.oplog.store.rocksdb.Durability;
import io.oplog.store.rocksdb.RocksOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code oplog agent}. */
@Command(
    name = "agent",
    description = {
      "Runs beside a producer: takes its operations over HTTP and UDP, keeps them in a spool on this"
          + " machine's disk, and passes them on to a central server, in order and each exactly once.",
      "An operation is acknowledged when it is in the spool, so the central server may be away for as"
          + " long as the spool has room. Consumers of the agent get the central server's stream."
    },
    footer = {
      "",
      "Examples:",
      "  oplog agent --to https://central:8042",
      "  oplog agent --to http://central:8042 --listen 127.0.0.1:8042 --spool /var/spool/oplog",
      "  OPLOG_TO_INGEST_PASSWORD=… oplog agent --to https://central:8042 --spool-size 50GB"
    })
final class AgentCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private IntakeOptions intake;

  @Option(
      names = "--to",
      paramLabel = "URL",
      required = true,
      description = "The central server, as in https://central:8042.")
  private String to;

  @Option(
      names = "--spool",
      paramLabel = "FOLDER",
      defaultValue = "./oplog-spool",
      description =
          "Where operations are kept until the central server has them (default:"
              + " ${DEFAULT-VALUE}).")
  private Path spool;

  @Option(
      names = "--spool-size",
      paramLabel = "SIZE",
      defaultValue = "10GiB",
      converter = BytesConverter.class,
      description =
          "How much may wait; then producers are answered 503 until there is room again, and"
              + " datagrams wait in memory (default: ${DEFAULT-VALUE}).")
  @Within(least = "1MiB", most = "1000TiB")
  private long spoolSize;

  @Option(
      names = "--durability",
      paramLabel = "LEVEL",
      defaultValue = "disk",
      description =
          "disk: what is acknowledged survives a power failure; os: it survives a crash of oplog,"
              + " but one of the machine may lose the last seconds (default: ${DEFAULT-VALUE}).")
  private Durability durability;

  @Option(
      names = "--to-password",
      paramLabel = "TEXT",
      description =
          "Password of the central server's stream; better given by --to-password-file or"
              + " OPLOG_TO_PASSWORD.")
  private @Nullable String toPassword;

  @Option(
      names = "--to-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of the central server's stream.")
  private @Nullable Path toPasswordFile;

  @Option(
      names = "--to-ingest-password",
      paramLabel = "TEXT",
      description =
          "Password of the central server for ingest; better given by --to-ingest-password-file or"
              + " OPLOG_TO_INGEST_PASSWORD.")
  private @Nullable String toIngestPassword;

  @Option(
      names = "--to-ingest-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of the central server for ingest.")
  private @Nullable Path toIngestPasswordFile;

  @Override
  public Integer call() throws Exception {
    return new ServerRun(spec, intake).call(this::plan);
  }

  private ServerRun.Plan plan() throws SSLException {
    Endpoint central = central();
    String streamPassword =
        PasswordOption.resolve(spec, "--to-password", toPassword, toPasswordFile);
    ServerOptions told =
        intake.server(
            spec, StreamTimes.defaults().writeTimeout(), intake.descriptors().forTunnels());
    StorePlace.Spool place = new StorePlace.Spool(spool, rocks());
    OplogEnd end = new OplogEnd(central.withPassword(streamPassword), ingest(central));
    return new ServerRun.Plan(
        told.withHttp(told.http().withUpstream(Upstream.of(central.url(), streamPassword))),
        place,
        (store, engine) ->
            new Relay<>(
                new LogSource(store, engine, place::keepAfter),
                end.sink(Set.of(), Optional.empty()),
                central.toString()),
        Optional.empty(),
        "spool in " + spool + ", to " + central);
  }

  private Endpoint central() {
    try {
      return Endpoint.of(to);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), e.getMessage(), e, spec.findOption("--to"), to);
    }
  }

  private Endpoint ingest(Endpoint central) {
    return central.withPassword(
        PasswordOption.resolve(
            spec, "--to-ingest-password", toIngestPassword, toIngestPasswordFile));
  }

  /** What the central server has leaves the spool at once. */
  private RocksOptions rocks() {
    return RocksOptions.defaults()
        .withDurability(durability)
        .withMaxOpenFiles(intake.descriptors().openFiles())
        .withRetention(Retention.FOREVER.withLogBytes(0))
        .withLogOnly(spoolSize);
  }
}
