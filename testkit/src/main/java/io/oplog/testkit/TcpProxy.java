package io.oplog.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A way to a server over TCP that can be cut, closed, blocked, made to lose everything, or to harm
 * what passes. Two threads a connection, until it is cut. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {

  /** What is wrong with the way. */
  public enum Fault {
    /** Nothing. */
    NONE,

    /** No connection comes about. */
    REFUSED,

    /** Nothing arrives yet; it does, however late, when the fault is over. */
    STALLED,

    /** Whatever is sent is lost, in both directions. */
    BLACK_HOLE,

    /** What is asked arrives; the answers are lost. */
    DEAF
  }

  private static final int CONNECT_MILLIS = 10_000;

  private final SocketAddress target;
  private final ServerSocket door;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile @Nullable Trigger trigger;
  private Fault fault = Fault.NONE;
  private boolean closed;

  private volatile @Nullable Harm harm;
  private final AtomicLong connections = new AtomicLong();

  private record Trigger(String text, Fault fault) {}

  private record Harm(long seed, int mostBytes, boolean garbles) {}

  private TcpProxy(SocketAddress target, ServerSocket door) {
    this.target = target;
    this.door = door;
  }

  /** A way to a server, on a free port of this machine. */
  public static TcpProxy to(InetSocketAddress target) throws IOException {
    ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    TcpProxy proxy = new TcpProxy(target, door);
    Thread.ofVirtual().name("proxy " + door.getLocalPort()).start(proxy::accept);
    return proxy;
  }

  public int port() {
    return door.getLocalPort();
  }

  /** Ends all connections; what is on its way is lost. New ones come about as before. */
  public void cut() {
    sockets.forEach(TcpProxy::reset);
  }

  /**
   * Changes what is wrong. Connections that cannot be, or that have lost something, are cut: TCP
   * loses nothing within a connection.
   */
  public void set(Fault next) {
    Fault before = swap(next);
    boolean hadLost = before == Fault.BLACK_HOLE || before == Fault.DEAF;
    if (hadLost || next == Fault.REFUSED) {
      cut();
    }
  }

  /** Changes what is wrong as soon as a request holds a text; that request meets it first. */
  public void setAt(String text, Fault next) {
    trigger = new Trigger(text, next);
  }

  /**
   * From now on answers are split anywhere, delayed and cut off.
   *
   * @param mostBytes of an answer that pass
   */
  public void harm(long seed, int mostBytes) {
    harm = new Harm(seed, mostBytes, false);
  }

  /** As {@link #harm}, and some of their bytes are others. */
  public void garble(long seed, int mostBytes) {
    harm = new Harm(seed, mostBytes, true);
  }

  private void pull(byte[] request, int size) {
    Trigger waiting = trigger;
    if (waiting != null && new String(request, 0, size, ISO_8859_1).contains(waiting.text())) {
      trigger = null;
      set(waiting.fault());
    }
  }

  private Fault swap(Fault next) {
    lock.lock();
    try {
      Fault before = fault;
      fault = next;
      changed.signalAll();
      return before;
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        // closed, or the client is gone already
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket()) {
      sockets.add(client);
      sockets.add(server);
      if (fault() == Fault.REFUSED) {
        reset(client);
        return;
      }
      server.connect(target, CONNECT_MILLIS);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread answers = Thread.ofVirtual().start(() -> copyAnswers(server, client));
      copy(client, server, false);
      answers.join();
    } catch (IOException _) {
      reset(client);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      sockets.removeIf(Socket::isClosed);
    }
  }

  private void copyAnswers(Socket from, Socket to) {
    Harm harmed = harm;
    if (harmed == null) {
      copy(from, to, true);
      return;
    }
    byte[] buffer = new byte[1 << 14];
    try {
      InputStream in = from.getInputStream();
      long seed = harmed.seed() + connections.incrementAndGet();
      HarmfulWay way =
          new HarmfulWay(to.getOutputStream(), seed, harmed.mostBytes(), harmed.garbles());
      for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
        way.write(buffer, size);
      }
      to.shutdownOutput();
    } catch (IOException | InterruptedException _) {
      reset(from);
      reset(to);
    }
  }

  private void copy(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[1 << 14];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
        if (!answers) {
          pull(buffer, size);
        }
        if (arrives(answers)) {
          out.write(buffer, 0, size);
        }
      }
      to.shutdownOutput();
    } catch (IOException _) {
      reset(from);
      reset(to);
    }
  }

  /** Waits as long as nothing arrives. */
  private boolean arrives(boolean answers) {
    lock.lock();
    try {
      while (fault == Fault.STALLED && !closed) {
        changed.awaitUninterruptibly();
      }
      return fault != Fault.BLACK_HOLE && !(fault == Fault.DEAF && answers);
    } finally {
      lock.unlock();
    }
  }

  /** What is wrong now. */
  public Fault fault() {
    lock.lock();
    try {
      return fault;
    } finally {
      lock.unlock();
    }
  }

  /** Closes it at once, so that what was not sent yet is not sent any more. */
  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException _) {
      // It is of no use any more either way.
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    cut();
  }
}
