package io.oplog.server.udp;

/**
 * What came as datagrams.
 *
 * @param datagrams received
 * @param kernelDrops lost before we saw them, since we were too slow or the kernel's buffer too
 *     small; -1 where the kernel does not tell
 */
public record UdpCounts(long datagrams, long kernelDrops) {
  /** Nothing came, and nothing can. */
  public static final UdpCounts NONE = new UdpCounts(0, 0);
}
