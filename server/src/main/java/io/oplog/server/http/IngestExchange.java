package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.oplog.core.engine.Ingester;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.Submission;
import io.oplog.protocol.Frames;
import io.oplog.protocol.InvalidOperationException;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Operations on their way in: the body is read as a whole, and queued as one submission. */
final class IngestExchange implements Exchange {
  private final HttpConnection connection;
  private final HttpService service;
  private final RequestHead head;
  private final BodyFormat format;
  private final BodyCoding coding;
  private final int announced;
  private final @Nullable SourceMove move;
  private @Nullable Body body;

  IngestExchange(
      HttpConnection connection,
      HttpService service,
      RequestHead head,
      BodyFormat format,
      BodyCoding coding,
      int announced,
      @Nullable SourceMove move) {
    this.connection = connection;
    this.service = service;
    this.head = head;
    this.format = format;
    this.coding = coding;
    this.announced = announced;
    this.move = move;
  }

  @Override
  public void content(ByteBuf piece, boolean last) {
    if (coding == BodyCoding.NONE && body == null && last) {
      readWhole(piece);
    } else if (collect(piece) && last && (coding == BodyCoding.NONE || unpack())) {
      readCollected();
    }
  }

  private void readWhole(ByteBuf piece) {
    if (piece.readableBytes() > service.limits().maxBodyBytes()) {
      connection.reject(Replies.tooLarge(service.limits().maxBodyBytes()));
      return;
    }
    try {
      submit(connection.loop().bodies().read(format, piece));
    } catch (InvalidOperationException e) {
      refuse(e);
    }
  }

  /** Adds a piece to the body; false when the request was rejected. */
  private boolean collect(ByteBuf piece) {
    Body collected = body();
    if (collected.length() + piece.readableBytes() > service.limits().maxBodyBytes()) {
      connection.reject(Replies.tooLarge(service.limits().maxBodyBytes()));
      return false;
    }
    if (!collected.add(piece)) {
      connection.reject(Replies.BUFFERS_FULL);
      return false;
    }
    return true;
  }

  private Body body() {
    Body started = body;
    if (started == null) {
      started = new Body(service.budget(), announced, service.limits().maxBodyBytes());
      body = started;
    }
    return started;
  }

  /** Puts what was packed in the place of the body; false when the request was answered. */
  private boolean unpack() {
    Body packed = body();
    int most = service.limits().maxBodyBytes();
    Body whole = new Body(service.budget(), 0, most);
    try {
      switch (PackedBody.unpack(packed, whole, most)) {
        case WHOLE -> {
          body = whole;
          return true;
        }
        case TOO_LARGE -> turnAway(Replies.tooLargeUnpacked(most));
        case NO_ROOM -> turnAway(Replies.BUFFERS_FULL);
      }
    } catch (IOException e) {
      service.ingester().countErrors(1);
      String what = Objects.requireNonNullElse(e.getMessage(), "it ends too early");
      turnAway(Reply.problem(400, "body: not whole gzip: " + what));
    } finally {
      packed.release();
    }
    release();
    whole.release();
    return false;
  }

  private void readCollected() {
    Body collected = body;
    if (collected == null) {
      return;
    }
    long needed = (long) HttpLimits.DECODING_FACTOR * collected.length();
    if (!service.decoding().reserve(needed)) {
      turnAway(Replies.BUFFERS_FULL);
      release();
      return;
    }
    try {
      submit(connection.loop().bodies().read(format, collected.bytes(), collected.length()));
    } catch (InvalidOperationException e) {
      refuse(e);
    } finally {
      service.decoding().release(needed);
      release();
    }
  }

  private void submit(Frames frames) {
    if (frames.count() > 0 && move != null && move.to().equals(move.from())) {
      service.ingester().countErrors(frames.count());
      service.log().refused(connection.client(), 400, Replies.NO_MOVE_TEXT);
      turnAway(Replies.NO_MOVE);
      return;
    }
    if (frames.count() == 0 && move == null) {
      connection.enqueue(new Answer.Ready(connection, head, Replies.NO_OPERATIONS));
      return;
    }
    IngestAnswer answer = new IngestAnswer(connection, head, move);
    Ingester.Offer offer = connection.loop().offer(new Submission(frames, move), answer);
    switch (offer) {
      case ACCEPTED -> connection.enqueue(answer);
      case FULL -> turnAway(Replies.QUEUE_FULL);
      case STOPPED -> turnAway(Replies.STOPPING);
    }
  }

  private void turnAway(Reply reply) {
    connection.enqueue(new Answer.Ready(connection, head, reply));
  }

  private void refuse(InvalidOperationException invalid) {
    service.ingester().countErrors(invalid.operations());
    String detail = String.valueOf(invalid.getMessage());
    service.log().refused(connection.client(), 400, detail);
    turnAway(Reply.problem(400, detail));
  }

  @Override
  public void release() {
    if (body != null) {
      body.release();
      body = null;
    }
  }
}
