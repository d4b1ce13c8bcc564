package io.oplog.server.udp;

import io.oplog.protocol.OperationLimits;

/**
 * How datagrams are received.
 *
 * @param enabled whether they are at all
 * @param receiveBufferBytes what the kernel may hold for us; the kernel's own limit stands, except
 *     for a privileged process
 * @param operations what an operation may be
 */
public record UdpOptions(boolean enabled, int receiveBufferBytes, OperationLimits operations) {

  public static UdpOptions defaults() {
    return new UdpOptions(true, 16 << 20, OperationLimits.DEFAULTS);
  }

  public UdpOptions withEnabled(boolean enabled) {
    return new UdpOptions(enabled, receiveBufferBytes, operations);
  }

  public UdpOptions withReceiveBufferBytes(int bytes) {
    return new UdpOptions(enabled, bytes, operations);
  }

  public UdpOptions withOperations(OperationLimits operations) {
    return new UdpOptions(enabled, receiveBufferBytes, operations);
  }
}
