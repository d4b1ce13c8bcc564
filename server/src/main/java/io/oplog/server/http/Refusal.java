package io.oplog.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Turns a connection away with {@code 503}, and lets the client read that before it closes.
 * Confined to the connection's event loop.
 */
final class Refusal extends ChannelInboundHandlerAdapter {
  private static final byte[] ANSWER = answer();
  private static final long LINGER_SECONDS = 1;

  private static byte[] answer() {
    ResponseBuffer out = new ResponseBuffer();
    byte[] nothing = "".getBytes(StandardCharsets.ISO_8859_1);
    Replies.TOO_MANY_CONNECTIONS.render(out, nothing, true, false);
    return out.take();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ChannelFuture _ =
        context
            .writeAndFlush(Unpooled.wrappedBuffer(ANSWER))
            .addListener(_ -> shutdownOutput(context));
    Runnable close = () -> close(context);
    Future<?> _ = context.executor().schedule(close, LINGER_SECONDS, TimeUnit.SECONDS);
  }

  private static void shutdownOutput(ChannelHandlerContext context) {
    if (context.channel() instanceof DuplexChannel duplex) {
      ChannelFuture _ = duplex.shutdownOutput();
    }
  }

  private static void close(ChannelHandlerContext context) {
    ChannelFuture _ = context.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    close(context);
  }
}
