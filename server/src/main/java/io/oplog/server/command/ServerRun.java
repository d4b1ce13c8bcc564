package io.oplog.server.command;

import io.oplog.core.engine.Heap;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.server.OplogServer;
import io.oplog.server.OplogServer.Forwarding;
import io.oplog.server.ServerOptions;
import io.oplog.server.command.CaptureOptions.Capture;
import io.oplog.server.config.ListenAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A server that runs until the process is told to stop: what {@code serve} and {@code agent} have
 * in common.
 */
final class ServerRun {
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

  private final CommandSpec spec;
  private final IntakeOptions intake;

  ServerRun(CommandSpec spec, IntakeOptions intake) {
    this.spec = spec;
    this.intake = intake;
  }

  /**
   * A server as it is wanted.
   *
   * @param told what it is told; refused, it has touched nothing
   * @param forwarding what is passed on of what is taken
   * @param capture what is taken by itself
   * @param kept in words, where the data is
   */
  record Plan(
      ServerOptions told,
      StorePlace place,
      @Nullable Forwarding forwarding,
      Optional<Capture> capture,
      String kept) {}

  /** Makes a plan from the options. */
  @FunctionalInterface
  interface Planning {
    Plan plan() throws Exception;
  }

  /** Runs the server to its end; the exit code. */
  int call(Planning planning) throws Exception {
    setLibraries();
    Thread.setDefaultUncaughtExceptionHandler(ServerRun::died);
    try (StopSignal stop = new StopSignal(intake.graces())) {
      return run(planning, stop);
    }
  }

  /** After a signal nobody else can tell of a failure: the process ends as soon as we are done. */
  private int run(Planning planning, StopSignal stop) throws Exception {
    int code = ExitCode.OK;
    try {
      serve(planning.plan(), stop);
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
    intake.log().apply();
    if (System.getProperty(NETTY_EVENTS) == null) {
      System.setProperty(NETTY_EVENTS, "false");
    }
  }

  /**
   * A server that lost one of its threads would look well and answer nobody. What was acknowledged
   * is safe, so it ends at once, and its supervisor starts it again.
   */
  static void died(Thread thread, Throwable cause) {
    Logger log = LoggerFactory.getLogger(ServerRun.class);
    if (thread.getName().startsWith(MONGODB_THREADS)) {
      log.debug("The thread {} of the MongoDB driver ended", thread.getName(), cause);
      return;
    }
    log.error("The thread {} ended unexpectedly, and oplog with it", thread.getName(), cause);
    Runtime.getRuntime().halt(ExitCode.INTERNAL);
  }

  private void serve(Plan plan, StopSignal stop) throws Exception {
    try (DataFolder folder = plan.place().folder();
        Store store = open(plan.place(), stop);
        OplogServer server = start(plan, store, folder)) {
      announce(server, plan);
      plan.capture().ifPresent(capture -> server.capture(capture.into(server)));
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

  private OplogServer start(Plan plan, Store store, DataFolder folder)
      throws CommandFailure, StoreException {
    try {
      return OplogServer.start(plan.told(), store, plan.forwarding());
    } catch (IOException e) {
      if (store.bounds().head() == 0) {
        folder.removeIfFresh();
      }
      throw ListenFailure.of(intake.listen(), e);
    }
  }

  private void announce(OplogServer server, Plan plan) {
    ServerOptions told = plan.told();
    boolean udp = told.udp().enabled();
    if (udp && told.http().ingestPassword() != null) {
      warn("the password for ingest guards HTTP alone: everybody may send datagrams; see --no-udp");
    }
    if (intake.areConnectionsShort()) {
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
        "oplog %s listening on %s, %s; %s%n",
        Version.text(), address(server.address()), udp ? "TCP and UDP" : "TCP", plan.kept());
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
