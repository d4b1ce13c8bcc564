package io.oplog.server.command;

import io.oplog.protocol.OperationLimits;
import io.oplog.server.config.BytesConverter;
import picocli.CommandLine.Option;

/** What an operation may be, over HTTP and UDP alike. */
final class OperationLimitOptions {
  @Option(
      names = "--max-operation",
      paramLabel = "SIZE",
      defaultValue = "65507",
      converter = BytesConverter.class,
      description =
          "Longest JSON text of an operation; a datagram carries no more"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "256MiB")
  private long maxOperation;

  @Option(
      names = "--max-type",
      paramLabel = "SIZE",
      defaultValue = "255",
      converter = BytesConverter.class,
      description = "Longest type (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "256MiB")
  private long maxType;

  @Option(
      names = "--max-id",
      paramLabel = "SIZE",
      defaultValue = "4096",
      converter = BytesConverter.class,
      description = "Longest id (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "256MiB")
  private long maxId;

  @Option(
      names = "--max-parents",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Most parents of an operation (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1000000000")
  private int maxParents;

  @Option(
      names = "--max-parent",
      paramLabel = "SIZE",
      defaultValue = "4096",
      converter = BytesConverter.class,
      description = "Longest parent (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "256MiB")
  private long maxParent;

  @Option(
      names = "--max-depth",
      paramLabel = "N",
      defaultValue = "64",
      description = "How deep the JSON of an operation may nest (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1000")
  private int maxDepth;

  OperationLimits limits() {
    return new OperationLimits(
        Math.toIntExact(maxOperation),
        Math.toIntExact(maxType),
        Math.toIntExact(maxId),
        maxParents,
        Math.toIntExact(maxParent),
        maxDepth);
  }
}
