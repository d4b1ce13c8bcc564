package io.oplog.store.rocksdb;

import io.oplog.core.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Loads RocksDB's native part from a copy that is kept between runs. RocksDB itself would leave 17
 * MB in the temporary directory each time the process is killed, and spend 60 ms on it at each
 * start.
 *
 * <p>The copy lies in the user's cache directory, or where the system property {@value #DIRECTORY}
 * says, in a folder named after its checksum; where that cannot be written, beside the data.
 */
final class NativeLibrary {
  static final String DIRECTORY = "oplog.native.directory";

  /** The name under which RocksDB looks for it when it is told where to look. */
  private static final String FILE = Environment.getJniLibraryFileName("rocksdbjni");

  private static boolean loaded;

  private NativeLibrary() {}

  static synchronized void load(Path dataDirectory) throws StoreException {
    if (loaded) {
      return;
    }
    String name = Environment.getJniLibraryFileName("rocksdb");
    URL resource = RocksDB.class.getClassLoader().getResource(name);
    if (resource == null) {
      throw new StoreException(
          "this build of oplog has no RocksDB for this platform (" + name + "): build it here");
    }
    loadFrom(extracted(resource, dataDirectory));
    loaded = true;
  }

  private static void loadFrom(Path directory) throws StoreException {
    try {
      RocksDB.loadLibrary(List.of(directory.toString()));
    } catch (UnsatisfiedLinkError e) {
      throw new StoreException("cannot load RocksDB from " + directory + ": " + e.getMessage(), e);
    }
  }

  private static Path extracted(URL resource, Path dataDirectory) throws StoreException {
    try {
      return extracted(resource, cache(), dataDirectory);
    } catch (IOException e) {
      throw new StoreException("cannot unpack RocksDB's native library: " + e, e);
    }
  }

  private static Path extracted(URL resource, @Nullable Path cache, Path data) throws IOException {
    if (cache != null) {
      try {
        return extractedIn(cache, resource);
      } catch (IOException _) {
        // No home that can be written, as in many containers: beside the data then.
      }
    }
    return extractedIn(data.resolve("native"), resource);
  }

  private static @Nullable Path cache() {
    String chosen = System.getProperty(DIRECTORY);
    if (chosen != null) {
      return Path.of(chosen);
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    if (xdg != null && !xdg.isEmpty()) {
      return Path.of(xdg, "oplog");
    }
    String home = System.getProperty("user.home");
    return home == null || home.isEmpty() ? null : Path.of(home, ".cache", "oplog");
  }

  private static Path extractedIn(Path cache, URL resource) throws IOException {
    long expected = checksum(resource);
    Path directory = cache.resolve("rocksdb-" + Long.toHexString(expected));
    Path file = directory.resolve(FILE);
    if (!Files.exists(file) || checksum(Files.readAllBytes(file)) != expected) {
      Files.createDirectories(directory);
      extract(resource, file);
    }
    return directory;
  }

  /** Written beside and renamed, so that two processes that start at once do no harm. */
  private static void extract(URL resource, Path file) throws IOException {
    Path partial = Files.createTempFile(file.getParent(), "part", null);
    try (InputStream in = resource.openStream()) {
      Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Of a jar's entry, the one its directory tells: nothing is unpacked for it. */
  private static long checksum(URL resource) throws IOException {
    URLConnection connection = resource.openConnection();
    if (connection instanceof JarURLConnection jar && jar.getJarEntry().getCrc() >= 0) {
      return jar.getJarEntry().getCrc();
    }
    try (InputStream in = connection.getInputStream()) {
      return checksum(in.readAllBytes());
    }
  }

  private static long checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }
}
