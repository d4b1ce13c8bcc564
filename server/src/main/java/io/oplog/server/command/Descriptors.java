package io.oplog.server.command;

import com.sun.management.UnixOperatingSystemMXBean;
import io.oplog.store.rocksdb.RocksOptions;
import java.lang.management.ManagementFactory;

/**
 * How the descriptors that the process may have are shared out, so that connections never take
 * those of the store.
 *
 * @param limit descriptors of the process
 * @param eventLoops threads that serve connections, with descriptors of their own
 * @param perConnection what a connection may need
 */
record Descriptors(long limit, int eventLoops, int perConnection) {
  /** Jars, the listeners, and files that are read or written for a moment. */
  private static final int PROGRAM = 64;

  private static final int EVENT_LOOP = 4;
  private static final int DATABASES = 2;

  /** Of these, one more is for a client that is told of being one too many. */
  private static final int CONNECTIONS_PER_REFUSAL = 8;

  static Descriptors ofProcess(int eventLoops) {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? new Descriptors(unix.getMaxFileDescriptorCount(), eventLoops, 1)
        : new Descriptors(Integer.MAX_VALUE, eventLoops, 1);
  }

  /** Where each connection may need another one, to a server whose stream it is handed. */
  Descriptors forTunnels() {
    return new Descriptors(limit, eventLoops, 2);
  }

  private long shared() {
    return Math.max(0, limit - PROGRAM - (long) EVENT_LOOP * eventLoops);
  }

  /** For each database of the store. */
  int openFiles() {
    return Math.clamp(shared() / 2 / DATABASES, 20, RocksOptions.MOST_OPEN_FILES);
  }

  /** The most connections there is room for; at least one. */
  int connections() {
    long left = (shared() - (long) DATABASES * openFiles()) / perConnection;
    long most = left * CONNECTIONS_PER_REFUSAL / (CONNECTIONS_PER_REFUSAL + 1);
    return Math.clamp(most, 1, Integer.MAX_VALUE);
  }
}
