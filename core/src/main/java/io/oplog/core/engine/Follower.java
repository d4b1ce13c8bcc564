package io.oplog.core.engine;

import io.oplog.core.engine.Outlet.CloseReason;
import io.oplog.protocol.ControlFrames;
import io.oplog.protocol.Frame;
import io.oplog.protocol.FrameFilter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One consumer's cursor: live with its group, or behind it on a way of its own. Confined to the
 * event loop of its group.
 *
 * <pre>
 *   READING ── step ──▶ BEHIND ── reached the group ──▶ LIVE
 *      ▲                 │  ▲                             │
 *      └── not in tail ──┘  └──── took less than all ─────┘
 * </pre>
 *
 * <p>A live follower has no position of its own: the group's is its. One that is behind has {@link
 * #next}. What the connection did not take is kept in {@link #pending}: never more than the rest of
 * one frame, or of one page read for this follower alone. So a consumer that does not keep up costs
 * a bounded amount of memory, and nobody else anything.
 */
final class Follower implements Subscription {
  private static final int[] NO_PLACES = {};

  private enum Phase {
    /** Sent to by the group's rounds. */
    LIVE,
    /** Reads the tail for itself, whenever its connection has room. */
    BEHIND,
    /** A reader fetches its next page. */
    READING,
    /** Waits until the states have followed the log. */
    AWAITING_FOLD,
    CLOSED
  }

  private final SubscriptionGroup group;
  private final Outlet outlet;
  private final FrameFilter filter;
  private final boolean progress;
  private final boolean tombstones;
  private Phase phase = Phase.READING;

  /** Where to go on; null while live. */
  private @Nullable StreamStart next;

  private byte @Nullable [] pending;
  private int pendingFrom;
  private int pendingTo;

  /** A page that came while the one before it was still being sent. */
  private @Nullable CatchUpStep ahead;

  private boolean reading;

  /** Chain of ranges in the group's selection; -1 while nothing is selected. */
  int firstRange = -1;

  int lastRange = -1;

  /** Frames in that chain. */
  int selected;

  /** Place among the group's unfiltered live followers. */
  int liveIndex = -1;

  /** Places in the live index's set of each key of the filter, in the order of the keys. */
  int[] indexPlaces = NO_PLACES;

  /** Place among the group's open followers. */
  int openIndex = -1;

  /** Ticks of the group's wheel. */
  private int lastTaken;

  private int lastProgress;

  /** The group's position when this consumer was last told of it. */
  private long reported;

  private final int closeAt;

  Follower(
      SubscriptionGroup group,
      Outlet outlet,
      FrameFilter filter,
      SubscriptionRequest request,
      int closeAt) {
    this.group = group;
    this.outlet = outlet;
    this.filter = filter;
    this.progress = request.progress();
    this.tombstones = request.tombstones();
    this.closeAt = closeAt;
    this.lastTaken = group.ticks().now();
    this.lastProgress = lastTaken;
    this.reported = group.here().after();
  }

  FrameFilter filter() {
    return filter;
  }

  /** Whether states bring every tombstone that is kept. */
  boolean tombstones() {
    return tombstones;
  }

  boolean isLive() {
    return phase == Phase.LIVE;
  }

  boolean isClosed() {
    return phase == Phase.CLOSED;
  }

  // ---- live ----

  /**
   * Starts with whatever comes after the tail's end, to which the group may have some way to go.
   */
  void startLive(StreamStart.Log end) {
    phase = Phase.BEHIND;
    next = end;
    if (progress) {
      enqueue(group.progressAt(end));
    }
    proceed();
  }

  private void joinLive() {
    phase = Phase.LIVE;
    next = null;
    group.live().add(this);
  }

  private void leaveLive() {
    if (phase == Phase.LIVE) {
      group.live().remove(this);
    }
  }

  /** Writes a piece of the group's round; false when the connection did not take all of it. */
  boolean writeLive(ByteBuffer bytes) {
    if (pending != null) {
      return false;
    }
    boolean all = outlet.write(bytes);
    lastTaken = group.ticks().now();
    return all;
  }

  /** The connection took the round up to byte {@code offset} only: go on from there alone. */
  void cut(Round round, int offset) {
    if (phase != Phase.CLOSED) {
      group.fellBehind();
      fallBehind(placeAt(round, offset, group.here()));
    }
  }

  /**
   * The place after {@code offset} bytes of a round. What is left of a frame that was begun is kept
   * to be sent first, so the place is after it.
   */
  private StreamStart.Log placeAt(Round round, int offset, StreamStart.Log before) {
    int frames = round.frameAt(offset);
    if (frames < round.count() && offset > round.start(frames)) {
      enqueue(Arrays.copyOfRange(round.heap(), offset, round.end(frames)));
      frames++;
    }
    count(round, frames);
    return frames == 0 ? before : after(round, frames - 1, before.liveAt());
  }

  private static StreamStart.Log after(Round round, int frame, long liveAt) {
    long second = Frame.seconds(round.heap(), round.start(frame));
    return new StreamStart.Log(round.sequence(frame), second, liveAt);
  }

  private void count(Round round, int frames) {
    int matching = 0;
    for (int i = 0; i < frames; i++) {
      matching += filter.matches(round.heap(), round.start(i)) ? 1 : 0;
    }
    group.sent(matching);
  }

  /** Leaves the group's rounds and goes on from a place of its own. */
  void fallBehind(StreamStart.Log from) {
    leaveLive();
    phase = Phase.BEHIND;
    next = from;
  }

  /** Goes on after the group lost its place in the tail, or came to this follower's. */
  void resume() {
    proceed();
  }

  // ---- behind ----

  /** The first step or a page has been read. */
  void arrived(CatchUpStep step) {
    reading = false;
    if (phase == Phase.CLOSED) {
      return;
    }
    if (pending != null) {
      ahead = step;
      return;
    }
    take(step);
    proceed();
  }

  private void take(CatchUpStep step) {
    enqueue(step.bytes(), step.length());
    group.sent(step.events());
    next = step.next();
    phase =
        switch (step.then()) {
          case READ_ON -> Phase.READING;
          case JOIN_TAIL -> Phase.BEHIND;
          case AWAIT_FOLD -> Phase.AWAITING_FOLD;
        };
    if (phase == Phase.READING) {
      read();
    } else if (phase == Phase.AWAITING_FOLD) {
      group.awaitFold(this, step.pastFold());
    }
  }

  private void read() {
    if (!reading && next != null) {
      reading = true;
      group.read(this, next);
    }
  }

  /** The states have moved on. */
  void foldMoved() {
    if (phase == Phase.AWAITING_FOLD) {
      phase = Phase.READING;
      read();
    }
  }

  /** The page could not be read. */
  void failed() {
    end(CloseReason.STORE);
  }

  @Override
  public void writable() {
    if (phase != Phase.CLOSED) {
      proceed();
    }
  }

  private void proceed() {
    boolean more = true;
    while (more && phase != Phase.CLOSED) {
      more = flushPending() && advance();
    }
  }

  /** One step on the way to live; false when there is nothing to do until something comes. */
  private boolean advance() {
    CatchUpStep step = ahead;
    if (step != null) {
      ahead = null;
      take(step);
      return true;
    }
    return phase == Phase.BEHIND && next instanceof StreamStart.Log log && followTail(log);
  }

  private boolean followTail(StreamStart.Log log) {
    if (log.after() >= log.liveAt()) {
      enqueue(ControlFrames.live(group.id(log.since(), log.after())));
      next = new StreamStart.Log(log.after(), log.since());
      return true;
    }
    long here = group.here().after();
    if (here == log.after() && log.liveAt() != StreamStart.Log.NOT_TOLD) {
      group.awaitTail(this, log.liveAt()); // the store was ahead of the group: live is still owed
      return false;
    }
    if (here == log.after()) {
      joinLive();
      return false;
    }
    if (here < log.after()) {
      group.awaitTail(this, log.after());
      return false;
    }
    Round round = group.replay(log.after());
    if (round == null) {
      phase = Phase.READING;
      read();
      return false;
    }
    return send(round, log);
  }

  /** Sends what matches of a round of this follower's own; false when the connection is full. */
  private boolean send(Round round, StreamStart.Log from) {
    if (filter.isAll()) {
      return sendAll(round, from);
    }
    ByteBuffer matching = group.gather();
    int most = group.pageBytes();
    int taken = 0;
    while (taken < round.count() && matching.position() < most) {
      if (filter.matches(round.heap(), round.start(taken))) {
        matching = put(matching, round, taken);
        group.sent(1);
      }
      taken++;
    }
    next = after(round, taken - 1, from.liveAt());
    byte[] bytes = new byte[matching.position()];
    matching.flip().get(bytes);
    enqueue(bytes);
    return true;
  }

  private static ByteBuffer put(ByteBuffer matching, Round round, int frame) {
    int size = round.end(frame) - round.start(frame);
    ByteBuffer into = matching;
    if (matching.remaining() < size) {
      into = ByteBuffer.allocate(matching.position() + size).put(matching.flip());
    }
    return into.put(round.heap(), round.start(frame), size);
  }

  private boolean sendAll(Round round, StreamStart.Log from) {
    ByteBuffer bytes = round.slice(0, round.length());
    boolean all = outlet.write(bytes);
    if (phase != Phase.CLOSED) {
      lastTaken = group.ticks().now();
      next = placeAt(round, bytes.position(), from);
    }
    return all;
  }

  // ---- bytes ----

  private void enqueue(byte[] bytes) {
    enqueue(bytes, bytes.length);
  }

  private void enqueue(byte[] bytes, int length) {
    pending = length == 0 ? null : bytes;
    pendingFrom = 0;
    pendingTo = length;
  }

  /** Whether nothing is left to be written. */
  private boolean flushPending() {
    byte[] bytes = pending;
    while (bytes != null) {
      ByteBuffer piece = group.scratch(bytes, pendingFrom, pendingTo);
      int size = piece.remaining();
      boolean all = outlet.write(piece);
      int taken = size - piece.remaining();
      pendingFrom += taken;
      if (taken > 0) {
        lastTaken = group.ticks().now();
      }
      if (pendingFrom == pendingTo) {
        pending = null;
        bytes = null;
      } else if (!all) {
        return false;
      }
    }
    return true;
  }

  // ---- time ----

  /**
   * Does what is due: a close, a heartbeat, a progress event.
   *
   * @return the tick at which to look again
   */
  int tick(int now) {
    if (now >= closeAt) {
      end(CloseReason.MAX_AGE);
    } else if (pending != null && now - lastTaken >= group.ticks().writeTimeout()) {
      end(CloseReason.SLOW);
    } else if (pending == null) {
      speak(now);
    }
    return Math.min(closeAt, now + Math.max(1, untilDue(now)));
  }

  private void speak(int now) {
    if (progress && now - lastProgress >= group.ticks().progress()) {
      lastProgress = now;
      reportProgress();
    }
    if (pending == null && now - lastTaken >= group.ticks().heartbeat()) {
      enqueue(ControlFrames.heartbeat());
      proceed();
    }
  }

  private void reportProgress() {
    byte[] event = progressEvent();
    if (event != null) {
      enqueue(event);
      proceed();
    }
  }

  /** Only a filter leaves gaps between the ids that are worth telling. */
  private byte @Nullable [] progressEvent() {
    if (phase != Phase.LIVE) {
      return next == null ? null : group.progressAt(next);
    }
    StreamStart.Log here = group.here();
    if (filter.isAll() || here.after() == reported) {
      return null;
    }
    reported = here.after();
    return group.progressAt(here);
  }

  private int untilDue(int now) {
    int due = lastTaken + group.ticks().heartbeat() - now;
    if (pending != null) {
      due = lastTaken + group.ticks().writeTimeout() - now;
    }
    return progress ? Math.min(due, lastProgress + group.ticks().progress() - now) : due;
  }

  // ---- end ----

  /** Ends the stream and its connection. */
  void end(CloseReason reason) {
    if (phase != Phase.CLOSED) {
      if (reason == CloseReason.SLOW) {
        group.closedAsSlowOne();
      }
      cancel();
      outlet.close(reason);
    }
  }

  @Override
  public void cancel() {
    if (phase == Phase.CLOSED) {
      return;
    }
    leaveLive();
    phase = Phase.CLOSED;
    pending = null;
    ahead = null;
    next = null;
    group.closed(this);
  }
}
