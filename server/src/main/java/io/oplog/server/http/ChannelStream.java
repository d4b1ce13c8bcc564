package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
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
final class ChannelStream extends SilentClient implements ConnectionStream {
  private static final int PIECE = 16 << 10;

  private final Loop loop;
  private final Runnable ended;
  private byte @Nullable [] head;
  private @Nullable Subscription subscription;
  private boolean closed;

  ChannelStream(Channel channel, Loop loop, byte[] head, Runnable ended) {
    super(channel);
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

  private void sendHead() {
    byte[] unsent = head;
    if (unsent != null) {
      head = null;
      ChannelFuture _ = client.writeAndFlush(Unpooled.wrappedBuffer(unsent));
    }
  }

  @Override
  public boolean write(ByteBuffer bytes) {
    if (closed || !client.isActive()) {
      return false;
    }
    sendHead();
    while (bytes.hasRemaining() && client.isWritable()) {
      int size = Math.min(PIECE, bytes.remaining());
      ByteBuf piece = client.alloc().directBuffer(size);
      piece.writeBytes(bytes.slice(bytes.position(), size));
      bytes.position(bytes.position() + size);
      ChannelFuture _ = client.writeAndFlush(piece);
    }
    return !bytes.hasRemaining();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (client.isWritable()) {
      loop.executor().execute(this::roomAgain);
    }
  }

  private void roomAgain() {
    if (client.isWritable() && subscription != null) {
      subscription.writable();
    }
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
    ChannelFuture _ = client.close();
    return true;
  }
}
