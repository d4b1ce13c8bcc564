package io.oplog.server.command;

import io.oplog.client.BrokenInputException;
import io.oplog.client.DatagramUpload;
import io.oplog.client.Endpoint;
import io.oplog.client.IngestClient;
import io.oplog.client.RetryPolicy;
import io.oplog.client.ShortInputException;
import io.oplog.client.UdpPublisher;
import io.oplog.client.Upload;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code oplog publish}. */
@Command(
    name = "publish",
    description = {
      "Sends operations to a server, one JSON object a line, in their order.",
      "Over HTTP each is stored exactly once however often the connection breaks. At a broken line"
          + " all before it is published, and nothing from it on."
    },
    footer = {
      "",
      "Examples:",
      "  oplog publish operations.ndjson.gz",
      "  producer | oplog publish -",
      "  oplog publish --source import-7 operations.ndjson    may be run again after it was cut",
      "  oplog publish --udp --rate 5000 operations.ndjson"
    })
final class Publish implements Callable<Integer> {
  private static final int DEFAULT_PORT = 80;
  private static final String[] HTTP_ALONE = {
    "--source", "--batch", "--retry-for", "--ingest-password", "--ingest-password-file"
  };

  @Spec private CommandSpec spec;
  @Mixin private ServerAccess server;

  @Parameters(
      paramLabel = "FILE",
      description = "Operations, one a line; may be compressed by gzip. '-' is standard input.")
  private Path file = Path.of("-");

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Lines sent in one request; fewer where the server takes less at once (default:"
              + " ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1000000")
  private int batch;

  @Option(
      names = "--source",
      paramLabel = "NAME",
      description =
          "A name under which the server remembers how many lines it has: a later run under the"
              + " same name goes on after them, and fails where its input has fewer. By default a"
              + " new one for each run.")
  private @Nullable String source;

  @Option(
      names = "--udp",
      fallbackValue = "true",
      description = "Send datagrams, which are never answered and may be lost.")
  private boolean udp;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Operations a second with --udp (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1000000000")
  private long rate;

  @Option(
      names = "--retry-for",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "Give up when the server takes nothing for so long, an answer that is merely slow"
              + " included; 0 for never (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "36500d")
  private Duration retryFor;

  @Option(
      names = {"--ingest-password", "--password"},
      paramLabel = "TEXT",
      description =
          "Password for ingest; better given by --ingest-password-file or OPLOG_INGEST_PASSWORD.")
  private @Nullable String password;

  @Option(
      names = {"--ingest-password-file", "--password-file"},
      paramLabel = "FILE",
      description = "File whose first line is the password for ingest.")
  private @Nullable Path passwordFile;

  @Override
  public Integer call() throws Exception {
    requireEffect();
    Endpoint endpoint = endpoint();
    try (OperationFile operations = OperationFile.open(file)) {
      UploadProgress progress = new UploadProgress(operations, server.err());
      send(endpoint, operations.lines(), progress);
    } catch (BrokenInputException e) {
      throw new CommandFailure(ExitCode.DATA, OperationFile.name(file) + ", " + e.getMessage());
    } catch (ShortInputException e) {
      throw new CommandFailure(ExitCode.DATA, OperationFile.name(file) + " " + e.getMessage());
    }
    return ExitCode.OK;
  }

  private void send(Endpoint endpoint, InputStream lines, UploadProgress progress)
      throws IOException, InterruptedException {
    if (udp) {
      sendDatagrams(endpoint.url(), lines, progress);
    } else {
      Upload upload = upload(endpoint, progress);
      run(upload::run, upload::stop, lines, progress);
    }
  }

  /** What sends all lines. */
  @FunctionalInterface
  private interface Sending {
    void run(InputStream lines) throws IOException, InterruptedException;
  }

  private void run(Sending sending, Runnable stopping, InputStream lines, UploadProgress progress)
      throws IOException, InterruptedException {
    boolean done = false;
    try (RunStop stop = new RunStop(stopping, () -> sayStopped(progress))) {
      try {
        sending.run(lines);
        done = true;
      } finally {
        if (stop.claim()) {
          sayEnded(progress, done);
        }
      }
    }
  }

  private void sayEnded(UploadProgress progress, boolean done) {
    progress.end();
    if (done || progress.hasStored()) {
      server.out().println(progress.summary(udp ? "sent" : "published"));
      server.out().flush();
    }
  }

  private void sayStopped(UploadProgress progress) {
    progress.end();
    String more = source == null ? "" : "; run again to go on";
    server.say("stopped; " + progress.state(udp ? "sent" : "published") + more);
  }

  private Upload upload(Endpoint endpoint, UploadProgress progress) {
    RetryPolicy retry = RetryPolicy.BRIEF.givingUpAfter(retryFor);
    IngestClient ingest = new IngestClient(endpoint, retry, server.listener());
    if (source == null) {
      return Upload.fresh(ingest, "publish-" + UUID.randomUUID(), batch, progress);
    }
    try {
      return Upload.resuming(ingest, source, batch, progress);
    } catch (IllegalArgumentException e) {
      throw wrong("--source", source, e);
    }
  }

  private void sendDatagrams(URI url, InputStream lines, UploadProgress progress)
      throws IOException, InterruptedException {
    int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
    InetSocketAddress address = new InetSocketAddress(url.getHost(), port);
    if (address.isUnresolved()) {
      throw new IOException("no such host: " + url.getHost());
    }
    try (UdpPublisher publisher = new UdpPublisher(address)) {
      DatagramUpload upload = new DatagramUpload(publisher, rate, progress);
      run(upload::run, upload::stop, lines, progress);
    }
    server.say("datagrams are not answered: 'oplog status' shows what has arrived");
  }

  /** Who gives an option that does nothing believes that it does. */
  private void requireEffect() {
    if (!udp) {
      refuse("it bounds --udp", "--rate");
      return;
    }
    refuse("--udp sends datagrams, which are never answered and carry no password", HTTP_ALONE);
    if ("https".equalsIgnoreCase(server.endpoint().url().getScheme())) {
      throw new ParameterException(
          spec.commandLine(), "datagrams are not encrypted: --udp needs an http:// address");
    }
  }

  private void refuse(String reason, String... options) {
    ParseResult flags = spec.commandLine().getParseResult();
    for (String option : options) {
      if (flags.hasMatchedOption(option)) {
        throw new ParameterException(spec.commandLine(), option + " has no effect here: " + reason);
      }
    }
  }

  private Endpoint endpoint() {
    String secret = PasswordOption.resolve(spec, "--ingest-password", password, passwordFile);
    return server.endpoint(secret);
  }

  private ParameterException wrong(String option, String value, IllegalArgumentException e) {
    return new ParameterException(
        spec.commandLine(),
        "Invalid value for option '" + option + "': '" + value + "': " + e.getMessage(),
        e,
        spec.findOption(option),
        value);
  }
}
