package io.oplog.core.store;

/** Told, in order, of what became durable. Calls are short and never block. */
public interface StoreListener {

  /**
   * A batch is durable, and readers can see it already. Batches come in the order of their
   * sequences; one that does not follow the last (after a failed append was settled) says that the
   * operations between are to be read from the store.
   */
  void committed(LogBatch batch);

  /** The states have followed the log up to {@code sequence}, and readers can see it. */
  void folded(long sequence);
}
