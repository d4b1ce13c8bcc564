package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;

/**
 * A client whose connection was taken over, and that has nothing to say any more: its bytes are
 * passed over, its end ends the connection. The only handler of its pipeline then. Confined to the
 * channel's event loop.
 */
abstract class SilentClient extends ChannelInboundHandlerAdapter implements Takeover {
  private static final int MAX_PASSED_OVER = 64 << 10;

  final Channel client;
  private int passedOver;

  SilentClient(Channel client) {
    this.client = client;
  }

  /** Takes the place of all handlers. */
  @SuppressWarnings("ReferenceEquality") // it is this very handler that is looked for
  final void takeOver() {
    ChannelPipeline pipeline = client.pipeline();
    pipeline.addLast(this);
    while (pipeline.first() != this) {
      pipeline.removeFirst();
    }
    client.config().setAutoRead(true);
    if (!client.isActive()) {
      gone();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes) {
      passedOver += bytes.readableBytes();
    }
    ReferenceCountUtil.release(message);
    if (passedOver > MAX_PASSED_OVER) {
      gone();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      gone();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    gone(); // the client went away
  }
}
