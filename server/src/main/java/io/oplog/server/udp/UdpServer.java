package io.oplog.server.udp;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.concurrent.Future;
import io.oplog.core.engine.Ingester;
import io.oplog.server.net.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for datagrams, on a thread of its own so that nothing else delays it. Any thread. */
public final class UdpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UdpServer.class);
  private static final int MAX_PAYLOAD = 65_507;
  private static final int DATAGRAMS_PER_CALL = 32;
  private static final IntegerUnixChannelOption SO_RCVBUFFORCE =
      new IntegerUnixChannelOption("SO_RCVBUFFORCE", 1, 33);

  private final MultiThreadIoEventLoopGroup loop;
  private final Channel channel;
  private final DatagramReceiver receiver;
  private volatile long lastDrops;

  private UdpServer(MultiThreadIoEventLoopGroup loop, Channel channel, DatagramReceiver receiver) {
    this.loop = loop;
    this.channel = channel;
    this.receiver = receiver;
  }

  /** Begins to listen. */
  public static UdpServer listen(
      Transport transport, InetSocketAddress address, UdpOptions options, Ingester ingester)
      throws IOException {
    MultiThreadIoEventLoopGroup loop = transport.loops(1, "oplog-udp");
    DatagramReceiver receiver = new DatagramReceiver(ingester, options.operations());
    ChannelFuture bound =
        bootstrap(transport, options)
            .group(loop)
            .handler(receiver)
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stop(loop);
      throw new IOException("cannot listen on UDP " + address, bound.cause());
    }
    forceReceiveBuffer(transport, bound.channel(), options.receiveBufferBytes());
    return new UdpServer(loop, bound.channel(), receiver);
  }

  private static Bootstrap bootstrap(Transport transport, UdpOptions options) {
    Bootstrap bootstrap =
        new Bootstrap()
            .channel(transport.datagramChannel())
            .option(ChannelOption.SO_RCVBUF, options.receiveBufferBytes());
    if (transport == Transport.EPOLL) {
      return bootstrap
          .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_PAYLOAD)
          .option(ChannelOption.RECVBUF_ALLOCATOR, new OneBuffer(DATAGRAMS_PER_CALL * MAX_PAYLOAD));
    }
    return bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, new OneBuffer(MAX_PAYLOAD));
  }

  /** A privileged process may go past the kernel's limit, which is small by default. */
  private static void forceReceiveBuffer(Transport transport, Channel channel, int bytes) {
    if (transport != Transport.EPOLL) {
      return;
    }
    try {
      channel.config().setOption(SO_RCVBUFFORCE, bytes);
    } catch (ChannelException e) {
      LOG.debug("The receive buffer is as large as net.core.rmem_max allows", e);
    }
  }

  /** What came so far. Reads a file. */
  public UdpCounts counts() {
    long drops = channel.isOpen() ? KernelDrops.of(channel) : lastDrops;
    lastDrops = drops;
    return new UdpCounts(receiver.datagrams(), drops);
  }

  /** Stops listening; what has been received is with the ingester when this returns. */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    stop(loop);
  }

  private static void stop(MultiThreadIoEventLoopGroup loop) {
    Future<?> _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
