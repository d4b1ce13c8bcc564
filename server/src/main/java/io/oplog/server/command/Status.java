package io.oplog.server.command;

import io.oplog.client.Endpoint;
import io.oplog.client.ServerStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code oplog status}. */
@Command(
    name = "status",
    description = "Shows what a server counts. Ends with 1 when its status is not OK.",
    footer = {"", "Examples:", "  oplog status", "  oplog status --json --url http://other:8042"})
final class Status implements Callable<Integer> {
  @Mixin private ServerAccess server;

  @Option(names = "--json", fallbackValue = "true", description = "Show it as the server says it.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Endpoint endpoint = server.endpoint();
    String status = ServerStatus.fetch(endpoint);
    StatusText text = parsed(endpoint, status);
    server.print(json ? TerminalText.json(status.strip()) : text.toString());
    return text.isOk() ? ExitCode.OK : ExitCode.FAILURE;
  }

  private static StatusText parsed(Endpoint endpoint, String status) throws CommandFailure {
    try {
      return StatusText.parse(status);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          ExitCode.FAILURE, endpoint + " did not answer with a status: " + e.getMessage());
    }
  }
}
