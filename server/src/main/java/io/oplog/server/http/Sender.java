package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends rendered answers: straight to the socket where that is possible, past Netty's pipeline and
 * promises, since most answers are one small write; what the socket does not take goes through the
 * channel. Confined to the channel's event loop.
 */
final class Sender {
  private final Channel channel;
  private final Runnable allSent;
  private int pending;
  private long pendingBytes;
  private boolean sending;

  /**
   * Sends to a channel.
   *
   * @param allSent run when a client that was slow has taken everything; never within {@link
   *     #send}, whose caller asks {@link #isPending()} instead
   */
  Sender(Channel channel, Runnable allSent) {
    this.channel = channel;
    this.allSent = allSent;
  }

  /** Whether the client has yet to take something. */
  boolean isPending() {
    return pending > 0;
  }

  /** How many bytes the client has yet to take. */
  long pendingBytes() {
    return pendingBytes;
  }

  /** Sends what was rendered and clears the buffer. */
  void send(ResponseBuffer out) throws IOException {
    if (out.isEmpty()) {
      return;
    }
    ByteBuffer bytes = out.rendered();
    sending = true;
    try {
      if (pending == 0) {
        write(bytes);
      }
      if (bytes.hasRemaining()) {
        writeRest(Unpooled.copiedBuffer(bytes));
      }
    } finally {
      sending = false;
      out.clear();
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    // A closed descriptor's number may be another connection's by now.
    if (channel instanceof UnixChannel unix && unix.fd().isOpen()) {
      int written = unix.fd().write(bytes, bytes.position(), bytes.limit());
      bytes.position(bytes.position() + written);
    }
  }

  private void writeRest(ByteBuf rest) {
    int bytes = rest.readableBytes();
    pending++;
    pendingBytes += bytes;
    ChannelFuture _ = channel.writeAndFlush(rest).addListener(_ -> sent(bytes));
  }

  /** May run within {@link #send}: what there is room for is written at once. */
  private void sent(int bytes) {
    pending--;
    pendingBytes -= bytes;
    if (pending == 0 && !sending) {
      allSent.run();
    }
  }
}
