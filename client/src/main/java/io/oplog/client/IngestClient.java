package io.oplog.client;

import io.oplog.client.RefusedException.Access;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Sends operations over HTTP and waits until they are durable. Requests are made one at a time, in
 * order, so that operations of one object are never swapped. Thread-confined.
 */
public final class IngestClient {
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final int MAX_ANSWER_BYTES = 64 * 1024;
  private static final String NO_LINE = "0";
  private static final byte[] EMPTY_ARRAY = {'[', ']'};
  private static final int UNSUPPORTED = 415;

  /** What is shorter gains nothing. */
  private static final int PACKED_FROM = 1024;

  private final Endpoint endpoint;
  private final RetryPolicy retry;
  private final ConnectionListener listener;

  /** Until a server says that it cannot read them so. */
  private boolean packs;

  /** Whether the last attempt was answered; then another answer is no news. */
  private boolean isConnected;

  public IngestClient(Endpoint endpoint, RetryPolicy retry, ConnectionListener listener) {
    this.endpoint = endpoint;
    this.retry = retry;
    this.listener = listener;
  }

  /** The same, but bodies are packed: for servers that are further off than this machine. */
  public IngestClient packing() {
    IngestClient packing = new IngestClient(endpoint, retry, listener);
    packing.packs = true;
    return packing;
  }

  /** What became of a batch. */
  public sealed interface Receipt {}

  /**
   * Every operation is durable.
   *
   * @param lastEventId the id of the last operation; empty when an earlier attempt had stored the
   *     batch, or it held none
   */
  public record Stored(Optional<String> lastEventId) implements Receipt {}

  /**
   * Nothing was stored: the source stands elsewhere.
   *
   * @param stored where it stands; empty when the server does not know it
   */
  public record Elsewhere(Optional<String> stored) implements Receipt {}

  /**
   * Sends a batch and waits for its end, over as many attempts as the retry policy allows.
   *
   * @param ndjson operations, one a line; not changed while this runs
   * @param step makes attempts repeatable; without it a batch whose answer was lost is sent again
   *     and stored twice, which a change notice bears
   * @throws RefusedException when the batch, or the password, is not accepted
   * @throws UnavailableException when the retry policy gives up; the last attempt may have been
   *     stored
   */
  public Receipt publish(byte[] ndjson, Optional<SourceStep> step)
      throws IOException, InterruptedException {
    return send(ndjson, step).await();
  }

  /**
   * Asks where a source of lines stands. There is no line {@value #NO_LINE}, so a step from there
   * to there is refused with the answer, or moves nothing.
   *
   * @return empty when the server does not know it
   */
  public Optional<String> position(String source) throws IOException, InterruptedException {
    SourceStep nowhere = new SourceStep(source, Optional.of(NO_LINE), NO_LINE);
    Receipt receipt = move(nowhere);
    return receipt instanceof Elsewhere elsewhere ? elsewhere.stored() : Optional.of(NO_LINE);
  }

  /**
   * Moves a source without operations.
   *
   * @throws RefusedException when the password is not accepted
   * @throws UnavailableException when the retry policy gives up; the last attempt may have moved it
   */
  public Receipt move(SourceStep step) throws IOException, InterruptedException {
    return send("application/json", EMPTY_ARRAY, Optional.of(step)).await();
  }

  /** Starts the first attempt; {@link Pending#await} makes the others. */
  Pending send(byte[] ndjson, Optional<SourceStep> step) {
    return send("application/x-ndjson", ndjson, step);
  }

  private Pending send(String contentType, byte[] body, Optional<SourceStep> step) {
    return new Pending(contentType, body, step);
  }

  private void answered() {
    if (!isConnected) {
      isConnected = true;
      listener.connected();
    }
  }

  /** A batch on its way. */
  final class Pending {
    private final String contentType;
    private final byte[] body;
    private final Optional<SourceStep> step;
    private HttpRequest request;
    private boolean isPacked;
    private CompletableFuture<Head> attempt;

    Pending(String contentType, byte[] body, Optional<SourceStep> step) {
      this.contentType = contentType;
      this.body = body;
      this.step = step;
      this.isPacked = packs && body.length >= PACKED_FROM;
      this.request = request();
      this.attempt = start();
    }

    private HttpRequest request() {
      HttpRequest.Builder made = endpoint.operations("").header("Content-Type", contentType);
      if (isPacked) {
        made.header("Content-Encoding", "gzip");
      }
      step.ifPresent(move -> made.header(SourceStep.HEADER, move.header()));
      byte[] sent = isPacked ? Gzip.pack(body) : body;
      return made.POST(HttpRequest.BodyPublishers.ofByteArray(sent)).build();
    }

    private CompletableFuture<Head> start() {
      return Head.of(request, new ByteChunks());
    }

    Receipt await() throws IOException, InterruptedException {
      Backoff backoff = new Backoff(retry, listener);
      @Nullable Receipt receipt = tryOnce(backoff);
      while (receipt == null) {
        attempt = start();
        receipt = tryOnce(backoff);
      }
      answered();
      return receipt;
    }

    /** Null where there is to be another, after the pause that a failed one asks for. */
    private @Nullable Receipt tryOnce(Backoff backoff) throws IOException, InterruptedException {
      try {
        Head answer = Http.await(endpoint, attempt, backoff.attempt(ANSWER));
        String text = BoundedText.read(answer.body(), MAX_ANSWER_BYTES);
        return isPacked && answer.status() == UNSUPPORTED ? unpacked() : receipt(answer, text);
      } catch (RefusedException e) {
        throw e;
      } catch (IOException e) {
        isConnected = false;
        Thread.sleep(backoff.failed(e, BusyException.retryAfter(e)).toMillis());
        return null;
      }
    }

    private @Nullable Receipt unpacked() {
      packs = false;
      isPacked = false;
      request = request();
      return null;
    }

    private Receipt receipt(Head answer, String text) throws IOException {
      int status = answer.status();
      Optional<String> id = answer.headers().firstValue("Oplog-Event-Id");
      boolean isWell = status == 204 || status == 200;
      if (isWell && (id.isPresent() || step.isPresent())) {
        return new Stored(id);
      }
      if (isWell) {
        throw new RefusedException(
            RefusedException.Reason.NOT_OPLOG,
            Access.INGEST,
            status,
            endpoint + " answered " + status + " without an event id: it is no oplog server");
      }
      if (status == 409 && step.isPresent()) {
        return conflict(answer, step.get());
      }
      if (Problem.passing(status)) {
        throw Problem.busy(endpoint, answer);
      }
      throw Problem.refused(endpoint, Access.INGEST, status, answer.headers(), text);
    }

    /** A position that is already ours was stored by an attempt whose answer was lost. */
    private Receipt conflict(Head answer, SourceStep own) {
      Optional<String> stored =
          SourceStep.stored(answer.headers().firstValue(SourceStep.HEADER).orElse(""));
      return stored.equals(Optional.of(own.to()))
          ? new Stored(Optional.empty())
          : new Elsewhere(stored);
    }
  }
}
