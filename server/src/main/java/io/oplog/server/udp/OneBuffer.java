package io.oplog.server.udp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.nio.ByteBuffer;

/**
 * Gives one and the same buffer to each read, since datagrams are copied out of it before the next:
 * a new one of this size would be mapped and zeroed by the kernel each time. Only the pages that
 * datagrams reach are ever resident.
 */
final class OneBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
  private static final int MESSAGES_PER_ROUND = 512;

  private final int bytes;

  OneBuffer(int bytes) {
    super(MESSAGES_PER_ROUND);
    this.bytes = bytes;
  }

  @Override
  @SuppressWarnings("deprecation") // the only way Netty offers
  public Handle newHandle() {
    return new OneBufferHandle(bytes);
  }

  private final class OneBufferHandle extends MaxMessageHandle {
    private final ByteBuf buffer;

    OneBufferHandle(int bytes) {
      buffer = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes)); // freed by the collector
    }

    @Override
    public int guess() {
      return buffer.capacity();
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator unused) {
      if (buffer.refCnt() > 1) {
        return unused.directBuffer(buffer.capacity());
      }
      return buffer.clear().retain();
    }
  }
}
