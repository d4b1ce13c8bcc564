package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;

/** Netty's decoder, which also tells its connection of bytes that are not yet a request. */
final class RequestDecoder extends HttpRequestDecoder {
  private static final int MAX_CHUNK = 64 << 10;

  private final HttpConnection connection;

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

  /** Whether bytes wait here for the rest of a line. */
  boolean hasPart() {
    return actualReadableBytes() > 0;
  }
}
