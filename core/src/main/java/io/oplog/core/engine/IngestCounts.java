package io.oplog.core.engine;

/**
 * Operations by what became of them since the start, as one consistent snapshot:
 *
 * <pre>received = ingested + error + discarded + queued</pre>
 *
 * @param ingested durable
 * @param error unusable; an unparsable datagram, line or body counts as one
 * @param queueFull discarded because the queue was full
 * @param storeDown discarded because the store could not take them
 * @param stopping discarded because the server was stopping
 * @param queued waiting for the writer, or being written
 * @param batches groups the writer has committed
 */
public record IngestCounts(
    long ingested,
    long error,
    long queueFull,
    long storeDown,
    long stopping,
    long queued,
    long batches) {

  public long discarded() {
    return queueFull + storeDown + stopping;
  }

  public long received() {
    return ingested + error + discarded() + queued;
  }
}
