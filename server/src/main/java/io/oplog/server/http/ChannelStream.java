package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.oplog.core.engine.Subscription;
import io.oplog.core.engine.SubscriptionRequest;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream over any of Netty's channels, where {@link EpollStream} cannot be. The only handler of
 * its pipeline. Confined to the channel's event loop.
 *
 * <p>{@link Subscription#writable()} has a turn of the loop to itself and never runs within {@link
 * #write}: a channel may tell of room while it is still being written to, and the subscription
 * would send the same bytes again.
 */
final class ChannelStream extends ChannelInboundHandlerAdapter implements ConnectionStream {
  private static final int PIECE = 16 << 10;
  private static final int MAX_PASSED_OVER = 64 << 10;

  private final Channel channel;
  private final Loop loop;
  private final Runnable ended;
  private byte @Nullable [] head;
  private @Nullable Subscription subscription;
  private int passedOver;
  private boolean closed;

  ChannelStream(Channel channel, Loop loop, byte[] head, Runnable ended) {
    this.channel = channel;
    this.loop = loop;
    this.ended = ended;
    this.head = head;
  }

  @Override
  public void start(SubscriptionRequest request) {
    Subscription started = loop.streams().subscribe(request, this);
    subscription = started;
    if (closed) {
      started.cancel();
      return;
    }
    sendHead();
    takeOver();
  }

  private void takeOver() {
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(this);
    while (pipeline.first() != this) {
      pipeline.removeFirst();
    }
    channel.config().setAutoRead(true);
    if (!channel.isActive()) {
      gone();
    }
  }

  private void sendHead() {
    byte[] unsent = head;
    if (unsent != null) {
      head = null;
      ChannelFuture _ = channel.writeAndFlush(Unpooled.wrappedBuffer(unsent));
    }
  }

  @Override
  public boolean write(ByteBuffer bytes) {
    if (closed || !channel.isActive()) {
      return false;
    }
    sendHead();
    while (bytes.hasRemaining() && channel.isWritable()) {
      int size = Math.min(PIECE, bytes.remaining());
      ByteBuf piece = channel.alloc().directBuffer(size);
      piece.writeBytes(bytes.slice(bytes.position(), size));
      bytes.position(bytes.position() + size);
      ChannelFuture _ = channel.writeAndFlush(piece);
    }
    return !bytes.hasRemaining();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (channel.isWritable()) {
      loop.executor().execute(this::roomAgain);
    }
  }

  private void roomAgain() {
    if (channel.isWritable() && subscription != null) {
      subscription.writable();
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

  @Override
  public void close(CloseReason reason) {
    end();
  }

  @Override
  public void gone() {
    Subscription ending = subscription;
    if (end() && ending != null) {
      ending.cancel();
    }
  }

  private boolean end() {
    if (closed) {
      return false;
    }
    closed = true;
    subscription = null;
    ended.run();
    ChannelFuture _ = channel.close();
    return true;
  }
}
