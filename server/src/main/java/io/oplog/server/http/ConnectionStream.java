package io.oplog.server.http;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.oplog.core.engine.Outlet;
import io.oplog.core.engine.SubscriptionRequest;

/** A stream that has taken a connection over. Confined to the connection's event loop. */
interface ConnectionStream extends Outlet {

  /**
   * Subscribes, then sends the response head, then what the subscription has: in this order, since
   * a client that has seen the head counts on every operation from then on.
   */
  void start(SubscriptionRequest request);

  /** The connection was closed by the client, or from outside. Idempotent. */
  void gone();

  /**
   * A stream over a connection that has nothing left to send.
   *
   * @param head the response head
   */
  static ConnectionStream over(Channel channel, Loop loop, HttpCounters counters, byte[] head) {
    return channel instanceof EpollSocketChannel epoll
        ? new EpollStream(epoll, loop, counters, head)
        : new ChannelStream(channel, loop, counters, head);
  }
}
