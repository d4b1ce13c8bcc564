package io.oplog.server.command;

import io.oplog.server.ServerOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code oplog serve}. */
@Command(
    name = "serve",
    description = {
      "Runs the server: takes operations over HTTP and UDP, keeps them, and streams them.",
      "On SIGTERM and SIGINT it stores what it took, closes its streams and ends with 0."
    },
    footer = {
      "",
      "Examples:",
      "  oplog serve",
      "  oplog serve --listen 127.0.0.1:9000 --data /var/lib/oplog --retention 30d,50GB",
      "  oplog serve --capture mongodb://h1,h2/?replicaSet=rs --rules rules",
      "  OPLOG_PASSWORD=… oplog serve --ingest-password-file /run/secrets/ingest"
    })
final class Serve implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ServeOptions options;
  @Mixin private CaptureOptions capture;

  @Override
  public Integer call() throws Exception {
    return new ServerRun(spec, options.intake()).call(this::plan);
  }

  private ServerRun.Plan plan() {
    ServerOptions told = options.server();
    StorePlace place = options.store();
    return new ServerRun.Plan(told, place, null, capture.capture(told.http()), "data in " + place);
  }
}
