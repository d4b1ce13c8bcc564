package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code acknowledged}: what was acknowledged up to now, written over in place after each
 * sync and never synced itself. So it is at most what is durable, and as the page cache outlives a
 * killed process it is then exact. With it a torn tail, which is harmless, is told from a damaged
 * one, which is not: RocksDB cuts off both.
 *
 * <p>Under {@link Durability#OS} a crash of the operating system may lose the tail though the mark
 * came to the disk; the kernel's boot id tells that such a crash was possible.
 *
 * <p>Confined to the appending thread.
 */
final class Mark implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Mark.class);
  private static final int HEAD = 4;
  private static final int WRITES = 12;
  private static final int DURABILITY = 20;
  private static final byte DISK = 'd';
  private static final byte OS = 'o';
  private static final int BOOT = 21;
  private static final int BOOT_BYTES = 36;
  private static final int LENGTH = BOOT + BOOT_BYTES;

  private final RandomAccessFile file;
  private final byte[] bytes = new byte[LENGTH];
  private boolean failed;

  /**
   * What was acknowledged.
   *
   * @param head the newest sequence
   * @param writes how many writes the log has seen; a source may move without an operation
   */
  record Acknowledged(long head, long writes) {
    static final Acknowledged NOTHING = new Acknowledged(0, 0);

    boolean isIn(Acknowledged found) {
      return head <= found.head() && writes <= found.writes();
    }

    @Override
    public String toString() {
      return "sequence " + head + " (write " + writes + ")";
    }
  }

  /** What an earlier run left. */
  record Seen(Acknowledged acknowledged, boolean mayHaveLostTail) {
    private static final Seen NOTHING = new Seen(Acknowledged.NOTHING, false);

    /** What the log must hold. */
    Acknowledged required() {
      return mayHaveLostTail ? Acknowledged.NOTHING : acknowledged;
    }
  }

  private Mark(RandomAccessFile file, Durability durability) {
    this.file = file;
    bytes[DURABILITY] = durability == Durability.OS ? OS : DISK;
    System.arraycopy(boot(), 0, bytes, BOOT, BOOT_BYTES);
  }

  private static Path in(Path directory) {
    return directory.resolve("acknowledged");
  }

  static boolean existsIn(Path directory) {
    return Files.exists(in(directory));
  }

  /** What is marked; nothing when the file is not there or not whole. */
  static Seen read(Path directory) throws StoreException {
    byte[] bytes = load(directory);
    if (bytes == null) {
      return Seen.NOTHING;
    }
    if (bytes.length != LENGTH || Bytes.getInt(bytes, 0) != checksum(bytes)) {
      LOG.warn("{} is damaged; it is made anew from the log", in(directory));
      return Seen.NOTHING;
    }
    boolean sameBoot = Arrays.equals(bytes, BOOT, LENGTH, boot(), 0, BOOT_BYTES);
    boolean os = bytes[DURABILITY] == OS;
    Acknowledged marked =
        new Acknowledged(Bytes.getLong(bytes, HEAD), Bytes.getLong(bytes, WRITES));
    return new Seen(marked, os && !sameBoot);
  }

  private static byte @Nullable [] load(Path directory) throws StoreException {
    try {
      return existsIn(directory) ? Files.readAllBytes(in(directory)) : null;
    } catch (IOException e) {
      throw new StoreException("cannot read " + in(directory) + ": " + e, e);
    }
  }

  static Mark open(Path directory, Durability durability) throws StoreException {
    try {
      return new Mark(new RandomAccessFile(in(directory).toFile(), "rw"), durability);
    } catch (IOException e) {
      throw new StoreException("cannot write " + in(directory) + ": " + e, e);
    }
  }

  /** Marks everything up to here as acknowledged. */
  void advance(Acknowledged acknowledged) {
    Bytes.putLong(bytes, HEAD, acknowledged.head());
    Bytes.putLong(bytes, WRITES, acknowledged.writes());
    Bytes.putInt(bytes, 0, checksum(bytes));
    try {
      file.seek(0);
      file.write(bytes);
    } catch (IOException e) {
      warn(e);
    }
  }

  /** A mark that stays behind only sees less damage: no reason to stop. */
  private void warn(IOException e) {
    if (!failed) {
      failed = true;
      LOG.warn("cannot write the mark of what was acknowledged", e);
    }
  }

  void sync() {
    try {
      file.getFD().sync();
    } catch (IOException e) {
      warn(e);
    }
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, Integer.BYTES, LENGTH - Integer.BYTES);
    return (int) crc.getValue();
  }

  /** A mark as if it had been written before the machine started; for tests. */
  static byte[] rebooted(byte[] mark) {
    byte[] other = mark.clone();
    Arrays.fill(other, BOOT, LENGTH, (byte) '0');
    Bytes.putInt(other, 0, checksum(other));
    return other;
  }

  /** The running kernel's id; blank where there is none, which never equals a recorded one. */
  private static byte[] boot() {
    byte[] boot = new byte[BOOT_BYTES];
    try {
      byte[] text = Files.readAllBytes(Path.of("/proc/sys/kernel/random/boot_id"));
      System.arraycopy(text, 0, boot, 0, Math.min(text.length, BOOT_BYTES));
    } catch (IOException _) {
      String now = Long.toString(System.currentTimeMillis());
      System.arraycopy(now.getBytes(StandardCharsets.US_ASCII), 0, boot, 0, now.length());
    }
    return boot;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      warn(e);
    }
  }
}
