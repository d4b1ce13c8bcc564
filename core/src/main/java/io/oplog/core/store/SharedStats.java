package io.oplog.core.store;

/**
 * What an operator of a log that several agents share wants to know of this one's access to it.
 *
 * @param place where the log is, without secrets
 * @param folds whether this agent is the one that lets the states follow
 * @param staleMillis since this agent last read the log to its end
 * @param commands round trips to the database
 * @param errors commands that the database refused or did not answer
 * @param conflicts blocks that were tried again because another agent was first
 * @param roundTripMicros how long the database took to answer a small question
 * @param clockAheadMillis how far this machine's clock is ahead of the database's
 */
public record SharedStats(
    String place,
    boolean folds,
    long staleMillis,
    long commands,
    long errors,
    long conflicts,
    long roundTripMicros,
    long clockAheadMillis) {}
