package io.oplog.server.udp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.oplog.core.engine.DiscardCause;
import io.oplog.core.engine.IngestCompletion;
import io.oplog.core.engine.Ingester;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Frames;
import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import io.oplog.protocol.OperationSink;
import io.oplog.server.net.LogThrottle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns datagrams into submissions, one for all that a round of reading brought. Confined to its
 * event loop, except for the counter.
 */
final class DatagramReceiver extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(DatagramReceiver.class);
  private static final int MAX_LINES = 10;
  private static final int SUBMISSION_BYTES = 512 << 10;
  private static final int MAX_DATAGRAM = 1 << 16;

  /** Nobody waits, and the ingester itself counts what a failed store cost. */
  private static final class Unheard implements IngestCompletion {
    @Override
    public void completed(Outcome outcome) {}

    @Override
    public void failed(StoreException cause) {}

    @Override
    public boolean isAwaited() {
      return false;
    }
  }

  private final IngestCompletion unheard = new Unheard();
  private final Ingester ingester;
  private final OperationReader reader;
  private final FrameEncoder encoder = new FrameEncoder();
  private final OperationSink good = encoder::add;
  private final Consumer<InvalidOperationException> bad = this::refused;
  private final LogThrottle throttle = new LogThrottle(MAX_LINES);
  private final byte[] scratch = new byte[MAX_DATAGRAM];
  private final AtomicLong datagrams = new AtomicLong();
  private long errors;
  private long now;

  DatagramReceiver(Ingester ingester, OperationLimits limits) {
    this.ingester = ingester;
    this.reader = new OperationReader(limits);
  }

  /** How many came so far. Any thread. */
  long datagrams() {
    return datagrams.getOpaque();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof DatagramPacket datagram) {
        receive(datagram.content());
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void receive(ByteBuf datagram) {
    if (now == 0) {
      now = System.currentTimeMillis();
    }
    datagrams.setOpaque(datagrams.getPlain() + 1);
    int length = datagram.readableBytes();
    datagram.readBytes(scratch, 0, length);
    reader.readDatagram(scratch, 0, length, now, good, bad);
    if (encoder.length() >= SUBMISSION_BYTES) {
      submit();
    }
  }

  private void refused(InvalidOperationException invalid) {
    errors++;
    switch (throttle.next()) {
      case LOG -> LOG.info("A datagram could not be used: {}", invalid.getMessage());
      case SAY_MORE -> LOG.info("More datagrams could not be used; not noted for a while");
      case DROP -> {}
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    submit();
    now = 0;
    if (errors > 0) {
      ingester.countErrors(errors);
      errors = 0;
    }
  }

  private void submit() {
    int count = encoder.count();
    if (count == 0) {
      return;
    }
    Frames frames = encoder.take();
    switch (ingester.offer(new Submission(frames, null), unheard)) {
      case ACCEPTED -> {}
      case FULL -> ingester.countDiscarded(DiscardCause.QUEUE_FULL, count);
      case STOPPED -> ingester.countDiscarded(DiscardCause.STOPPING, count);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.warn("Receiving datagrams failed, and goes on", cause);
  }
}
