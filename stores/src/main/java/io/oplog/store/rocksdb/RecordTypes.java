package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Looks at the types of the records in RocksDB's write-ahead logs and manifests before RocksDB
 * does. Its reader never comes to an end at a record of a recycled file that does not belong there
 * (facebook/rocksdb#13333, seen in 11.8.1), so one flipped bit would keep a server from starting
 * and from saying why. No file of ours is ever recycled. All other damage is left to RocksDB, which
 * has the checksums.
 *
 * @see <a href="https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format">the
 *     format</a>
 */
final class RecordTypes {
  private static final int BLOCK_BYTES = 32 * 1024;
  private static final int HEADER_BYTES = 7;
  private static final int LENGTH = 4;
  private static final int TYPE = 6;

  private RecordTypes() {}

  /**
   * @param directory of one database; may be empty, or not there
   */
  static void check(Path directory) throws StoreException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> records = files.filter(RecordTypes::holdsRecords).sorted().toList();
      for (Path file : records) {
        checkFile(file);
      }
    } catch (IOException e) {
      throw new StoreException.Unavailable("cannot read " + directory + ": " + e, e);
    }
  }

  private static boolean holdsRecords(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".log") || name.startsWith("MANIFEST-");
  }

  private static void checkFile(Path file) throws IOException, StoreException {
    byte[] bytes = new byte[BLOCK_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      boolean goesOn = true;
      for (long start = 0; goesOn; start += BLOCK_BYTES) {
        int length = in.readNBytes(bytes, 0, BLOCK_BYTES);
        ByteBuffer block = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.LITTLE_ENDIAN);
        goesOn = checkBlock(block, file, start) && length == BLOCK_BYTES;
      }
    }
  }

  /** No record goes beyond its block. False where RocksDB stops reading. */
  private static boolean checkBlock(ByteBuffer block, Path file, long start) throws StoreException {
    while (block.remaining() >= HEADER_BYTES) {
      int at = block.position();
      if (isRecycled(block.get(at + TYPE))) {
        throw Damage.of("the file " + file + " is damaged at byte " + (start + at + TYPE));
      }
      int next = at + HEADER_BYTES + Short.toUnsignedInt(block.getShort(at + LENGTH));
      if (block.get(at + TYPE) == 0 || next > block.limit()) {
        return false;
      }
      block.position(next);
    }
    return true;
  }

  /**
   * The recyclable forms of: full, first, middle, last; of the size of user timestamps; of what was
   * before.
   */
  private static boolean isRecycled(byte type) {
    return (type >= 5 && type <= 8) || type == 11 || type == (byte) 131;
  }
}
