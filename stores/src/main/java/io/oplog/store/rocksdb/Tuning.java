package io.oplog.store.rocksdb;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WALRecoveryMode;

/**
 * The options of one database, made for two cores. Holds native memory until closed.
 *
 * <p>Both databases flush their families together ({@code atomic_flush}): the log's, so that its
 * write-ahead log never has to wait for a family that is seldom written and opening after a kill
 * stays short; the states', because they are written without a write-ahead log at all.
 */
final class Tuning implements AutoCloseable {
  private static final long MB = 1L << 20;

  private final List<AbstractNativeReference> natives = new ArrayList<>();
  private final Map<Family, ColumnFamilyOptions> made = new EnumMap<>(Family.class);
  private final Cache cache;
  private final DBOptions database;

  private Tuning(long cacheBytes, long walBytes, int maxOpenFiles) {
    cache = keep(new LRUCache(cacheBytes, 4, false, 0.5));
    database =
        keep(
            new DBOptions()
                .setCreateMissingColumnFamilies(true)
                .setAtomicFlush(true)
                .setAllowConcurrentMemtableWrite(false) // each database has one writer
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setMaxTotalWalSize(walBytes)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(maxOpenFiles)
                .setBytesPerSync(MB)
                .setWalBytesPerSync(MB)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setSkipStatsUpdateOnDbOpen(true)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MB)
                .setKeepLogFileNum(2));
  }

  static Tuning ofLog(RocksOptions options) {
    return new Tuning(8 * MB, 48 * MB, options.maxOpenFiles());
  }

  static Tuning ofStates(RocksOptions options) {
    return new Tuning(options.cacheBytes(), 0, options.maxOpenFiles());
  }

  DBOptions database() {
    return database;
  }

  /** The options of a family; the same ones each time. */
  ColumnFamilyOptions family(Family family) {
    return made.computeIfAbsent(family, this::make);
  }

  private ColumnFamilyOptions make(Family family) {
    return switch (family) {
      case LOG -> sequential(24 * MB, 32 * 1024).setTargetFileSizeBase(32 * MB);
      case STATES -> sequential(64 * MB, 16 * 1024);
      case OBJECTS -> objects();
      case LOG_META, DELETES, LEFT, STATE_META -> sequential(8 * MB, 4096);
    };
  }

  /** Keys mostly arrive in order, and are read in runs. */
  private ColumnFamilyOptions sequential(long buffer, int blockBytes) {
    return common(buffer).setTableFormatConfig(table(blockBytes));
  }

  /**
   * Keys arrive in any order, and each is looked for before it is written: most are new. The
   * filters that say so stay in memory, 1.25 bytes an object: from the cache they are read again
   * and again.
   */
  private ColumnFamilyOptions objects() {
    BlockBasedTableConfig table =
        table(8 * 1024)
            .setCacheIndexAndFilterBlocks(false)
            .setFilterPolicy(keep(new BloomFilter(10)))
            .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash);
    return common(64 * MB)
        .setMemtablePrefixBloomSizeRatio(0.1)
        .setMemtableWholeKeyFiltering(true)
        .setTableFormatConfig(table);
  }

  /**
   * Compressed from the first level on: compressing costs less than the system's copying of what it
   * saves. All levels alike, so that files of ascending keys move down without being written again.
   */
  private ColumnFamilyOptions common(long buffer) {
    return keep(
        new ColumnFamilyOptions()
            .setWriteBufferSize(buffer)
            .setMaxWriteBufferNumber(3)
            .setTtl(0)
            .setPeriodicCompactionSeconds(0)
            .setMaxBytesForLevelBase(256 * MB)
            .setCompressionType(CompressionType.LZ4_COMPRESSION));
  }

  private BlockBasedTableConfig table(int blockBytes) {
    return new BlockBasedTableConfig()
        .setBlockCache(cache)
        .setBlockSize(blockBytes)
        .setCacheIndexAndFilterBlocks(true)
        .setCacheIndexAndFilterBlocksWithHighPriority(true)
        .setPinL0FilterAndIndexBlocksInCache(true);
  }

  private <T extends AbstractNativeReference> T keep(T held) {
    natives.add(held);
    return held;
  }

  @Override
  public void close() {
    for (AbstractNativeReference held : natives.reversed()) {
      held.close();
    }
  }
}
