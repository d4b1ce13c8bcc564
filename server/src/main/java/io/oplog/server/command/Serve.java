package io.oplog.server.command;

import io.oplog.core.engine.Heap;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.server.OplogServer;
import io.oplog.server.ServerOptions;
import io.oplog.server.config.ListenAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code oplog serve}. */
@Command(
    name = "serve",
    description = {
      "Runs the server: takes operations over HTTP and UDP, keeps them, and streams them.",
      "On SIGTERM and SIGINT it stores what it took, closes its streams and ends with 0."
    },
    footer = {
      "",
      "Examples:",
      "  oplog serve",
      "  oplog serve --listen 127.0.0.1:9000 --data /var/lib/oplog --retention 30d,50GB",
      "  OPLOG_PASSWORD=… oplog serve --ingest-password-file /run/secrets/ingest"
    })
final class Serve implements Callable<Integer> {
  /**
   * Events of Netty's allocator for Java Flight Recorder: setting them up delays the first answer
   * by 0.1 s.
   */
  private static final String NETTY_EVENTS = "io.netty.jfr.enabled";

  /**
   * Those of the MongoDB driver watch servers, and end so when a client is closed while names are
   * looked up. Were one missed, the store would say that nobody answers.
   */
  private static final String MONGODB_THREADS = "cluster-ClusterId{";

  @Spec private CommandSpec spec;
  @Mixin private ServeOptions options;

  @Override
  public Integer call() throws Exception {
    setLibraries();
    Thread.setDefaultUncaughtExceptionHandler(Serve::died);
    try (StopSignal stop = new StopSignal(options.graces())) {
      return run(stop);
    }
  }

  /** After a signal nobody else can tell of a failure: the process ends as soon as we are done. */
  private int run(StopSignal stop) throws Exception {
    int code = ExitCode.OK;
    try {
      serve(stop);
    } catch (InterruptedException e) {
      if (!stop.isSignalled()) {
        throw e;
      }
    } catch (Exception e) {
      if (!stop.isSignalled()) {
        throw e;
      }
      code = FailureMessage.report(e, spec.commandLine());
    }
    stop.exitWith(code);
    return code;
  }

  /** What libraries take from system properties alone; before the first of their classes loads. */
  private void setLibraries() {
    System.setProperty(
        "org.slf4j.simpleLogger.defaultLogLevel",
        options.logLevel().name().toLowerCase(Locale.ROOT));
    if (System.getProperty(NETTY_EVENTS) == null) {
      System.setProperty(NETTY_EVENTS, "false");
    }
  }

  /**
   * A server that lost one of its threads would look well and answer nobody. What was acknowledged
   * is safe, so it ends at once, and its supervisor starts it again.
   */
  private static void died(Thread thread, Throwable cause) {
    Logger log = LoggerFactory.getLogger(Serve.class);
    if (thread.getName().startsWith(MONGODB_THREADS)) {
      log.debug("The thread {} of the MongoDB driver ended", thread.getName(), cause);
      return;
    }
    log.error("The thread {} ended unexpectedly, and oplog with it", thread.getName(), cause);
    Runtime.getRuntime().halt(ExitCode.INTERNAL);
  }

  private void serve(StopSignal stop) throws Exception {
    ServerOptions told = options.server(); // refused, it has touched nothing
    StorePlace place = options.store();
    try (DataFolder folder = place.folder();
        Store store = open(place, stop);
        OplogServer server = start(told, store, folder)) {
      announce(server, told, place);
      stop.await();
    }
  }

  /** The signal also ends the waiting for a store. */
  private static Store open(StorePlace place, StopSignal stop) throws Exception {
    stop.onSignal(Thread.currentThread()::interrupt);
    try {
      return place.open();
    } finally {
      stop.onSignal(() -> {});
    }
  }

  private OplogServer start(ServerOptions told, Store store, DataFolder folder)
      throws CommandFailure, StoreException {
    try {
      return OplogServer.start(told, store);
    } catch (IOException e) {
      if (store.bounds().head() == 0) {
        folder.removeIfFresh();
      }
      throw ListenFailure.of(options.listen(), e);
    }
  }

  private void announce(OplogServer server, ServerOptions told, StorePlace place) {
    boolean udp = told.udp().enabled();
    if (udp && told.http().ingestPassword() != null) {
      warn("the password for ingest guards HTTP alone: everybody may send datagrams; see --no-udp");
    }
    if (options.areConnectionsShort()) {
      warn(
          "the limit of descriptors leaves room for "
              + told.http().limits().maxConnections()
              + " connections: raise it (ulimit -n, or LimitNOFILE= of systemd) or lower"
              + " --max-connections");
    }
    int longest = told.http().limits().maxBodyBytes();
    if (longest > Heap.parts(1, Long.MAX_VALUE)) {
      warn(
          "bodies as long as --max-body may take more memory than there is; OPLOG_JAVA_OPTS=-Xmx"
              + (Heap.having(longest) >> 20)
              + "m gives enough");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "oplog %s listening on %s, %s; data in %s%n",
        Version.text(), address(server.address()), udp ? "TCP and UDP" : "TCP", place);
    out.flush();
  }

  private void warn(String text) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("oplog: " + text);
    err.flush();
  }

  private static ListenAddress address(InetSocketAddress bound) {
    InetAddress host = bound.getAddress();
    return new ListenAddress(
        host.isAnyLocalAddress() ? "" : host.getHostAddress(), bound.getPort());
  }
}
