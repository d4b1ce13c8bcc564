package io.oplog.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import io.oplog.core.engine.Subscription;
import io.oplog.core.engine.SubscriptionRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is nothing but a socket registered with its event loop: no channel, no pipeline, no
 * buffers. This is what makes an idle consumer cost some hundred bytes.
 *
 * <p>Taking over: the socket's descriptor is taken from Netty's channel by deregistering the
 * channel, which is then forgotten without being closed. That takes a turn of the loop. Until then
 * writes go to the same descriptor, and when the channel is closed from outside its handler tells
 * us by {@link #gone()}.
 *
 * <p>Writing: straight from the engine's buffer to the socket. When the kernel takes less, we ask
 * epoll for room once, and go on when it tells.
 *
 * <p>Confined to one event loop.
 */
final class EpollStream implements EpollIoHandle, ConnectionStream {
  private static final EpollIoOps LISTEN = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP);
  private static final EpollIoOps LISTEN_AND_WRITE = LISTEN.with(EpollIoOps.EPOLLOUT);
  private static final int EPOLLHUP = 0x10;
  private static final int MAX_PASSED_OVER = 64 << 10;
  private static final byte[] SENT = {};

  private final FileDescriptor socket;
  private final Loop loop;
  private final Runnable ended;
  private @Nullable EpollSocketChannel channel;
  private @Nullable IoRegistration registration;
  private @Nullable Subscription subscription;
  private byte[] head;
  private int headSent;
  private int passedOver;
  private boolean waiting;
  private boolean armed;
  private boolean closed;

  EpollStream(EpollSocketChannel channel, Loop loop, byte[] head, Runnable ended) {
    this.channel = channel;
    this.socket = channel.fd();
    this.loop = loop;
    this.ended = ended;
    this.head = head;
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  // ---- taking the connection over ----

  @Override
  public void start(SubscriptionRequest request) {
    Subscription started = loop.streams().subscribe(request, this);
    subscription = started;
    if (closed) {
      started.cancel();
      return;
    }
    sendHead();
    EpollSocketChannel leaving = channel;
    if (leaving != null) {
      ChannelFuture _ = leaving.deregister().addListener(_ -> takeOver(leaving));
    }
  }

  private void takeOver(Channel leaving) {
    channel = null;
    if (closed) {
      return;
    }
    if (!leaving.isOpen()) {
      gone();
      return;
    }
    ChannelPipeline pipeline = leaving.pipeline();
    while (pipeline.first() != null) {
      pipeline.removeFirst(); // the decoder gives back what it holds
    }
    Future<IoRegistration> _ =
        loop.executor().register(this).addListener((Future<IoRegistration> done) -> listen(done));
  }

  private void listen(Future<IoRegistration> done) {
    if (!done.isSuccess() || closed) {
      gone();
      return;
    }
    IoRegistration registered = done.getNow();
    registration = registered;
    armed = waiting;
    registered.submit(armed ? LISTEN_AND_WRITE : LISTEN);
  }

  // ---- writing ----

  @Override
  public boolean write(ByteBuffer bytes) {
    if (closed || !sendHead()) {
      return false;
    }
    bytes.position(bytes.position() + writeSocket(bytes));
    if (bytes.hasRemaining()) {
      awaitRoom();
      return false;
    }
    return true;
  }

  /** Sends what is left of the head; true when nothing is. */
  private boolean sendHead() {
    if (head.length == 0) {
      return true;
    }
    ByteBuffer piece = loop.waste().clear();
    piece.put(head, headSent, Math.min(head.length - headSent, piece.capacity())).flip();
    headSent += writeSocket(piece);
    if (headSent < head.length) {
      awaitRoom();
      return false;
    }
    head = SENT;
    headSent = 0;
    return true;
  }

  /** How many bytes the kernel took. */
  private int writeSocket(ByteBuffer bytes) {
    // A closed descriptor's number may be another connection's by now.
    if (!socket.isOpen()) {
      return 0;
    }
    try {
      return socket.write(bytes, bytes.position(), bytes.limit());
    } catch (IOException e) {
      // The engine is in the middle of a round: it hears of the end afterwards.
      loop.executor().execute(this::gone);
      return 0;
    }
  }

  private void awaitRoom() {
    waiting = true;
    if (!armed && registration != null) {
      armed = true;
      registration.submit(LISTEN_AND_WRITE);
    }
  }

  private void roomAgain() {
    waiting = false;
    if (sendHead() && subscription != null) {
      subscription.writable();
    }
    if (!waiting && armed && registration != null && !closed) {
      armed = false;
      registration.submit(LISTEN);
    }
  }

  // ---- what epoll tells ----

  @Override
  public void handle(IoRegistration from, IoEvent event) {
    EpollIoOps ops = ((EpollIoEvent) event).ops();
    if (ops.contains(EpollIoOps.EPOLLERR) || (ops.value() & EPOLLHUP) != 0) {
      gone();
      return;
    }
    if (ops.contains(EpollIoOps.EPOLLIN) || ops.contains(EpollIoOps.EPOLLRDHUP)) {
      passOver();
    }
    if (ops.contains(EpollIoOps.EPOLLOUT) && !closed) {
      roomAgain();
    }
  }

  /** A consumer has nothing to say: its bytes are dropped, its end ends the stream. */
  private void passOver() {
    ByteBuffer waste = loop.waste().clear();
    try {
      int read = socket.read(waste, 0, waste.capacity());
      passedOver += Math.max(read, 0);
      if (read < 0 || passedOver > MAX_PASSED_OVER) {
        gone();
      }
    } catch (IOException e) {
      gone();
    }
  }

  // ---- the end ----

  @Override
  public void close(CloseReason reason) {
    end();
  }

  /** The event loop ends. */
  @Override
  public void close() {
    gone();
  }

  @Override
  public void gone() {
    Subscription ending = subscription;
    if (end() && ending != null) {
      ending.cancel();
    }
  }

  /** Closes the socket; false when it was closed before. */
  private boolean end() {
    if (closed) {
      return false;
    }
    closed = true;
    subscription = null;
    ended.run();
    if (registration != null) {
      registration.cancel();
    }
    closeSocket();
    return true;
  }

  private void closeSocket() {
    try {
      if (channel != null) {
        ChannelFuture _ = channel.close();
      } else {
        socket.close();
      }
    } catch (IOException e) {
      // The descriptor is gone all the same, and there is nobody to tell.
    }
  }
}
