package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder, which also tells its connection of bytes that are not yet a request, and keeps
 * what the connection does not take yet: pausing the socket does not stop what was read from it.
 */
final class RequestDecoder extends HttpRequestDecoder {
  private static final int MAX_CHUNK = 64 << 10;

  private final HttpConnection connection;

  /** The client's last word, which waits behind requests that wait here. */
  private @Nullable Object inputShutdown;

  RequestDecoder(HttpConnection connection, HttpLimits limits) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(limits.maxRequestLineBytes())
            .setMaxHeaderSize(limits.maxHeadBytes())
            .setMaxChunkSize(MAX_CHUNK));
    this.connection = connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof ByteBuf bytes && !connection.wants(bytes.readableBytes())) {
      ReferenceCountUtil.release(message);
      return;
    }
    super.channelRead(context, message);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (connection.hasEnded()) {
      in.skipBytes(in.readableBytes());
    } else if (connection.takesRequests()) {
      super.decode(context, in, out);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      inputShutdown = event;
      decodeMore(context);
      context.fireChannelReadComplete();
    } else {
      super.userEventTriggered(context, event);
    }
  }

  /** Goes on with what waits here. */
  void decodeMore(ChannelHandlerContext context) throws Exception {
    super.channelRead(context, Unpooled.EMPTY_BUFFER);
    Object shutdown = inputShutdown;
    if (shutdown != null && (connection.takesRequests() || !hasPart())) {
      inputShutdown = null;
      super.userEventTriggered(context, shutdown);
    }
  }

  /** How many bytes wait here. */
  int held() {
    return actualReadableBytes();
  }

  /** Whether bytes wait here for the rest of a line. */
  boolean hasPart() {
    return actualReadableBytes() > 0;
  }
}
