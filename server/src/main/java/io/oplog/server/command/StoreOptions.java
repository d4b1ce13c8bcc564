package io.oplog.server.command;

import io.oplog.core.store.Retention;
import io.oplog.server.config.BytesConverter;
import io.oplog.server.config.ConfigException;
import io.oplog.server.config.LogRetention;
import io.oplog.store.mongodb.MongoOptions;
import io.oplog.store.rocksdb.Durability;
import io.oplog.store.rocksdb.RocksOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What the store keeps, and where. */
final class StoreOptions {
  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      defaultValue = "./oplog-data",
      description = "Where the log and the states are kept (default: ${DEFAULT-VALUE}).")
  private Path data;

  @Option(
      names = "--store",
      paramLabel = "URI",
      description =
          "A MongoDB replica set that holds the log instead of --data, for several"
              + " agents that share it: mongodb://user:password@h1,h2/oplog?replicaSet=rs. Better given by"
              + " --store-file or OPLOG_STORE.")
  private @Nullable String store;

  @Option(
      names = "--store-file",
      paramLabel = "FILE",
      description = "File whose first line is the URI of --store.")
  private @Nullable Path storeFile;

  @Option(
      names = "--durability",
      paramLabel = "LEVEL",
      defaultValue = "disk",
      description =
          "disk: what is acknowledged survives a power failure; os: it survives a crash of oplog,"
              + " but one of the machine may lose the last seconds (default: ${DEFAULT-VALUE}).")
  private Durability durability;

  @Option(
      names = "--retention",
      paramLabel = "AGE,SIZE",
      defaultValue = "7d,8GiB",
      description =
          "How much of the log is kept, by age, by size or by both; 'forever' keeps all. Objects"
              + " are always kept (default: ${DEFAULT-VALUE}).")
  private LogRetention retention;

  @Option(
      names = "--keep-deletes",
      paramLabel = "TIME",
      defaultValue = "30d",
      description =
          "How long it is remembered that an object was deleted. A consumer that was away for"
              + " longer starts anew (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "36500d")
  private Duration keepDeletes;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      converter = BytesConverter.class,
      description = "Memory for states that were read (default: ${DEFAULT-VALUE}).")
  @Within(least = "0", most = "1TiB")
  private long cache;

  /**
   * Where the log is.
   *
   * @param openFiles that each database of an embedded store may keep
   */
  StorePlace place(CommandSpec command, int openFiles) {
    String uri =
        PasswordOption.resolve(command, "--store", store, storeFile, one -> one.contains("@"));
    return uri == null
        ? new StorePlace.Embedded(data, rocks().withMaxOpenFiles(openFiles))
        : new StorePlace.Shared(mongo(uri));
  }

  /** The driver's own message may hold a part of the password. */
  private MongoOptions mongo(String uri) {
    try {
      return MongoOptions.of(uri).withRetention(retention());
    } catch (IllegalArgumentException _) {
      throw new ConfigException(
          "--store: not an address like mongodb://user:password@h1,h2/oplog?replicaSet=rs;"
              + " special characters of user and password are percent-encoded");
    }
  }

  RocksOptions rocks() {
    return RocksOptions.defaults()
        .withDurability(durability)
        .withRetention(retention())
        .withCacheBytes(cache);
  }

  private Retention retention() {
    Retention kept = Retention.FOREVER.withDeletesAge(keepDeletes);
    if (retention.age().isPresent()) {
      kept = kept.withLogAge(retention.age().get());
    }
    if (retention.bytes().isPresent()) {
      kept = kept.withLogBytes(retention.bytes().getAsLong());
    }
    return kept;
  }
}
