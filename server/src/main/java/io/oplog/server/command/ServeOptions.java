package io.oplog.server.command;

import static java.util.Objects.requireNonNullElse;

import io.oplog.core.engine.EngineOptions;
import io.oplog.protocol.RefTemplate;
import io.oplog.server.ServerOptions;
import io.oplog.server.config.BytesConverter;
import io.oplog.server.config.ConfigException;
import io.oplog.store.rocksdb.RocksOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Every option of {@code oplog serve}, and what the parts of the server are told by them. */
final class ServeOptions {
  /** A state holds an operation in up to four bytes for one, and its parents once more. */
  private static final int MOST_SHARED = 1 << 20;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private StoreOptions store;
  @Mixin private StreamOptions streams;
  @Mixin private IntakeOptions intake;

  @Option(
      names = "--object-url",
      paramLabel = "TEMPLATE",
      description =
          "Where an object can be fetched, as in http://api/{{type}}/{{id}}; events carry it as"
              + " 'ref'.")
  private @Nullable String objectUrl;

  @Option(
      names = "--tail-bytes",
      paramLabel = "SIZE",
      converter = BytesConverter.class,
      description =
          "The log's end that is kept in memory for consumers that keep up"
              + " (default: 32MiB, on a small heap a 16th of it).")
  @Within(least = "0", most = "1TiB")
  private @Nullable Long tailBytes;

  @Option(
      names = "--readers",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Threads that read the store for consumers that are behind"
              + " (default: ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "1024")
  private int readers;

  IntakeOptions intake() {
    return intake;
  }

  StorePlace store() {
    StorePlace place = store.place(command, intake.descriptors().openFiles());
    if (place instanceof StorePlace.Shared
        && intake.operations().maxOperationBytes() > MOST_SHARED) {
      throw new ConfigException(
          "--max-operation: at most 1MiB with --store, since a MongoDB document has 16 MiB");
    }
    return place;
  }

  RocksOptions rocks() {
    return store.rocks();
  }

  ServerOptions server() {
    ServerOptions options = intake.server(command, streams.writeTimeout(), intake.descriptors());
    return options.withEngine(engine(options.engine()));
  }

  private EngineOptions engine(EngineOptions queue) {
    EngineOptions engine =
        queue
            .withTailBytes(requireNonNullElse(tailBytes, queue.tailBytes()))
            .withReaders(readers)
            .withStreams(streams.times());
    return objectUrl == null ? engine : engine.withObjectUrl(template(objectUrl));
  }

  private static RefTemplate template(String text) {
    try {
      return RefTemplate.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--object-url: " + e.getMessage());
    }
  }
}
