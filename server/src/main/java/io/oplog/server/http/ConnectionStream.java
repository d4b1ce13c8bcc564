package io.oplog.server.http;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.oplog.core.engine.Outlet;
import io.oplog.core.engine.SubscriptionRequest;

/** A stream that has taken a connection over. Confined to the connection's event loop. */
interface ConnectionStream extends Outlet, Takeover {

  /**
   * Subscribes, then sends the response head, then what the subscription has: in this order, since
   * a client that has seen the head counts on every operation from then on.
   */
  void start(SubscriptionRequest request);

  /**
   * A stream over a connection that has nothing left to send.
   *
   * @param head the response head
   * @param ended run once, when the connection is closed
   */
  static ConnectionStream over(Channel channel, Loop loop, byte[] head, Runnable ended) {
    return channel instanceof EpollSocketChannel epoll
        ? new EpollStream(epoll, loop, head, ended)
        : new ChannelStream(channel, loop, head, ended);
  }
}
