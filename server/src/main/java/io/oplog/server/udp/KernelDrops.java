package io.oplog.server.udp;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How many datagrams the kernel dropped for want of room, as {@code /proc} tells it. */
final class KernelDrops {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"));
  private static final int INODE = 9;
  private static final int DROPS = 12;

  private KernelDrops() {}

  /** The drops of a socket so far; -1 where the kernel does not tell. Reads files. */
  static long of(Channel channel) {
    if (!(channel instanceof UnixChannel unix)) {
      return -1;
    }
    try {
      String link =
          Files.readSymbolicLink(Path.of("/proc/self/fd/" + unix.fd().intValue())).toString();
      return ofInode(link.replaceAll("\\D", ""));
    } catch (IOException | UnsupportedOperationException e) {
      return -1;
    }
  }

  private static long ofInode(String inode) throws IOException {
    for (Path table : TABLES) {
      if (Files.exists(table)) {
        Optional<Long> found = find(table, inode);
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    return -1;
  }

  private static Optional<Long> find(Path table, String inode) throws IOException {
    try (Stream<String> rows = Files.lines(table)) {
      return rows.map(row -> row.strip().split("\\s+"))
          .filter(columns -> columns.length > DROPS && columns[INODE].equals(inode))
          .map(columns -> Long.parseLong(columns[DROPS]))
          .findFirst();
    }
  }
}
